{# A query for no rows, with the columns that the register has for a table, or all but some. #}
{% macro _empty_table(name, without=[]) -%}
    select
        {%- for column, (type, _) in mallard._table(name).columns.items() if column not in without %}
        cast(null as {{ type }}) as "{{ column }}"{{ ',' if not loop.last }}
        {%- endfor %}
    where false
{%- endmacro %}
