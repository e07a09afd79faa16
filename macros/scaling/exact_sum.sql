{# A sum of doubles depends on the order of its terms, and their order on threads; whole numbers don't mind. #}
{% macro exact_sum(expression, scale) -%}
    {{ return(mallard._sql(adapter.dispatch('exact_sum', 'mallard')(expression, scale))) }}
{%- endmacro %}

{% macro default__exact_sum(expression, scale) -%}
    (cast(sum(cast({{ expression }} * {{ scale }} as bigint)) as double) / any_value({{ scale }}))
{%- endmacro %}
