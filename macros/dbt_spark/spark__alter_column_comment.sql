{# In place of dbt-spark's: 1.11 leaves out the comments of Parquet's columns. dbt finds it by its name, as `spark__load_csv_rows`. #}
{% macro spark__alter_column_comment(relation, column_dict) -%}
    {%- for column in column_dict.values() if column.description -%}
        {%- set comment = mallard._comment_on_spark(column.description) -%}
        {%- do run_query('alter table ' ~ relation ~ ' alter column ' ~ adapter.quote(column.name) ~ ' ' ~ comment) -%}
    {%- endfor -%}
{%- endmacro %}
