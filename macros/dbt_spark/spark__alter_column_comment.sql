{# In place of dbt-spark's: 1.11 leaves out the comments of Parquet's columns. Hive takes 256 characters. dbt finds it by its name,
   as `spark__load_csv_rows`. #}
{% macro spark__alter_column_comment(relation, column_dict) -%}
    {%- for column in column_dict.values() if column.description -%}
        {%- set comment = mallard._value_on_spark(column.description | trim | truncate(256, true, '...', 0)) -%}
        {%- do run_query('alter table ' ~ relation ~ ' alter column ' ~ adapter.quote(column.name) ~ ' comment ' ~ comment) -%}
    {%- endfor -%}
{%- endmacro %}
