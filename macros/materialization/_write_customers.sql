{# The customers of a part with their segments: of all customers, as dbt makes a table of a model; of a group, for the time of the build. #}
{% macro _write_customers(part, query) -%}
    {%- if part.group is not none -%}
        {%- do adapter.dispatch('_write_customers_of_group', 'mallard')(part.place, query) -%}
    {%- else -%}
        {%- call statement('main') -%}
        {{ create_table_as(False, part.place, mallard._ready(query)) }}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}

{% macro default___write_customers_of_group(place, query) -%}
    {%- do mallard._run(mallard._keeps(place, query)) -%}
{%- endmacro %}

{% macro spark___write_customers_of_group(place, query) -%}
    {%- do mallard._append(place, mallard._ready(query), true) -%}
{%- endmacro %}
