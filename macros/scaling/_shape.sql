{# What tells the shape of a feature, as columns of _statistics: its bounds; the mean cube of its deviations, and the largest of them as
   their unit, so that no cube overflows; and, around 0, the customers on each side and those close to it. #}
{% macro _shape(feature, n, weight) -%}
    {%- set value = feature.expression -%}
    {%- if mallard._scale_of(feature).has_unit -%}
        {%- set unit = 'mallard__unit_' ~ n %}
        {{ mallard._count_where('-' ~ unit ~ ' <= ' ~ value ~ ' and ' ~ value ~ ' < 0', weight) }} as below_{{ n }},
        {{ mallard._count_where('0 < ' ~ value ~ ' and ' ~ value ~ ' <= ' ~ unit, weight) }} as above_{{ n }},
        {{ mallard._count_where('abs(' ~ value ~ ') <= ' ~ unit, weight) }} as near_{{ n }},
        {{ mallard._count_where('abs(' ~ value ~ ') <= ' ~ unit ~ ' / 2', weight) }} as close_{{ n }}
    {%- else -%}
        {%- set deviation = '((' ~ value ~ ' - mallard__mean_' ~ n ~ ') / nullif(mallard__reach_' ~ n ~ ', 0))' -%}
        {%- set cube = mallard._weighted(deviation ~ ' * ' ~ deviation ~ ' * ' ~ deviation, weight) -%}
        {%- set scale = 'mallard__weight_scale' if weight else mallard.default__sum_scale('1.0') %}
        min({{ value }}) as lowest_{{ n }},
        max({{ value }}) as highest_{{ n }},
        any_value(mallard__reach_{{ n }}) as reach_{{ n }},
        {{ mallard.default__exact_sum(cube, scale) }} / {{ mallard._count(value, weight) }} as cube_{{ n }}
    {%- endif -%}
{%- endmacro %}

{# How often the customers count who meet a condition. #}
{% macro _count_where(condition, weight) -%}
    {{ return(mallard._count('case when ' ~ condition ~ ' then 1 end', weight)) }}
{%- endmacro %}

{# The population skewness, of the columns that _statistics has for a feature. #}
{% macro _skewness(n) -%}
    {{ return('(cube_N / nullif(pow(spread_N / reach_N, 3), 0))' | replace('N', n | string)) }}
{%- endmacro %}
