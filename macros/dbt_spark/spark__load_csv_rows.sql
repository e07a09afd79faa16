{# In place of dbt-spark's: 1.11 loads a missing text as the text 'None', stops at an apostrophe, and passes numbers through a double. dbt
   finds it by its name, in this project, and in one whose `dispatch:` has mallard before dbt. #}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model.config.column_types -%}
    {%- set columns = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- do columns.append(types.get(name, adapter.convert_type(agate_table, loop.index0))) -%}
    {%- endfor -%}
    {%- set statements = [] -%}
    {%- for rows in agate_table.rows | batch(get_batch_size()) -%}
        {%- set statement -%}
            insert into {{ this.render() }} values
            {% for row in rows -%}
                (
                    {%- for value in row -%}
                        cast({{ mallard._value_on_spark(value) }} as {{ columns[loop.index0] }}){{ ', ' if not loop.last }}
                    {%- endfor -%}
                ){{ ', ' if not loop.last }}
            {% endfor %}
        {%- endset -%}
        {%- do adapter.add_query(statement, abridge_sql_log=true) -%}
        {%- do statements.append(statement) -%}
    {%- endfor -%}
    {{ return(statements | first) }}
{%- endmacro %}
