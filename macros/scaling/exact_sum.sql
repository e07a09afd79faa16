{# A sum of doubles depends on the order of its terms, and their order on threads; whole numbers don't mind. It becomes a double by way of
   a text: DuckDB's cast of a hugeint can miss the nearest double. #}
{% macro exact_sum(expression, scale) -%}
    {{ return(mallard._sql(adapter.dispatch('exact_sum', 'mallard')(expression, scale))) }}
{%- endmacro %}

{% macro default__exact_sum(expression, scale) -%}
    (cast(cast(sum(cast({{ expression }} * {{ scale }} as bigint)) as varchar) as double) / any_value({{ scale }}))
{%- endmacro %}
