{% macro sum_scale(largest) -%}
    {{ return(mallard._sql(adapter.dispatch('sum_scale', 'mallard')(largest))) }}
{%- endmacro %}

{# A power of two, so that scaling rounds nothing; the largest term gets 62 of the 63 bits of a bigint. #}
{% macro default__sum_scale(largest) -%}
    coalesce(pow(2, least(1000, 60 - floor(log2(nullif({{ largest }}, 0))))), 1)
{%- endmacro %}
