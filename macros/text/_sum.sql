{# In brackets of 32 terms: DuckDB refuses expressions that are a thousand deep. #}
{% macro _sum(terms) -%}
    {%- for some in terms | batch(32) -%}
    {{ '(' if terms | length > 32 }}{{ some | join(' + ') }}{{ ')' if terms | length > 32 }}{{ ' + ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
