{% macro scaled_features(statistics, prefix='scaled_', with_weight=true) -%}
    {{ return(adapter.dispatch('scaled_features', 'mallard')(statistics, prefix, with_weight)) }}
{%- endmacro %}

{# If customers have weights, they go along as a column that the fit looks for. #}
{% macro default__scaled_features(statistics, prefix, with_weight) -%}
    {%- for of in statistics.features -%}
        {{ mallard._scaled(of) }} as {{ mallard._quoted(prefix ~ of.name) }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
    {{ ',\n        ' ~ statistics.weight ~ ' as "mallard__weight"' if statistics.weight and with_weight }}
{%- endmacro %}

{% macro _scaled(of) -%}
    {%- set value = mallard._value_of(of) -%}
    {%- if of.filler is not none -%}
        {%- set value = 'coalesce(' ~ value ~ ', ' ~ mallard._double(of.filler) ~ ')' -%}
    {%- endif -%}
    {%- set weight = ' * ' ~ mallard._double(of.weight) if of.weight | string != '1' else '' -%}
    ({{ value }} - {{ mallard._double(of.center) }}) / {{ mallard._double(of.spread) }}{{ weight }}
{%- endmacro %}
