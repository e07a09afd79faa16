{% macro scaled_features(statistics, prefix='scaled_') -%}
    {{ return(adapter.dispatch('scaled_features', 'mallard')(statistics, prefix)) }}
{%- endmacro %}

{% macro default__scaled_features(statistics, prefix) -%}
    {%- for of in statistics -%}
        {{ mallard._scaled(of) }} as {{ mallard._quoted(prefix ~ of.name) }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro _scaled(of) -%}
    {%- set value = mallard._value_of(of) if of.filler is none else 'coalesce(' ~ mallard._value_of(of) ~ ', ' ~ mallard._double(of.filler) ~ ')' -%}
    ({{ value }} - {{ mallard._double(of.center) }}) / {{ mallard._double(of.spread) }}{{ ' * ' ~ mallard._double(of.weight) if of.weight != 1 }}
{%- endmacro %}

{% macro _double(digits) -%}
    cast({{ "'" ~ digits ~ "'" if digits is not none else 'null' }} as double)
{%- endmacro %}
