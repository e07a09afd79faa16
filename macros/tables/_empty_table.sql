{# A query for no rows, with the columns that the register has for a table. #}
{% macro _empty_table(name) -%}
    select
        {%- for column, (type, _) in mallard._table(name).columns.items() %}
        cast(null as {{ type }}) as "{{ column }}"{{ ',' if not loop.last }}
        {%- endfor %}
    where false
{%- endmacro %}
