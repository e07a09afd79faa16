{% macro nearest_segment(centroids) -%}
    {{ return(mallard._sql(adapter.dispatch('nearest_segment', 'mallard')(centroids))) }}
{%- endmacro %}

{# The first of equally near segments wins: the one with the lowest id. #}
{% macro default__nearest_segment(centroids) -%}
    {%- set ids = centroids.segments | map(attribute='segment_id') | list -%}
    {%- if ids | length < 2 -%}
        {{ ids[0] if ids else 'cast(null as integer)' }}
    {%- else -%}
        {{ adapter.dispatch('_nearest_of', 'mallard')(ids) }}
    {%- endif -%}
{%- endmacro %}

{# A segment that isn't farther than any after it is the nearest, if none before it was. Comparisons, made only as long as they hold, take
   half the time of least(). #}
{% macro default___nearest_of(ids) -%}
        case
            {%- for id in ids[:-1] %}
            when {% for later in ids[loop.index:] -%}
                squared_distance_{{ id }} <= squared_distance_{{ later }}{{ ' and ' if not loop.last }}
            {%- endfor %} then {{ id }}
            {%- endfor %}
            else {{ ids[-1] }}
        end
{%- endmacro %}

{# Java doesn't compile a method as long as the comparisons of many segments. #}
{% macro spark___nearest_of(ids) -%}
    {%- set distances = [] -%}
    {%- for id in ids -%} {%- do distances.append('squared_distance_' ~ id) -%} {%- endfor -%}
    {{ mallard._with_least(ids, distances) }}
{%- endmacro %}

{# Of several ids, the first one whose distance is the least; nulls aren't. #}
{% macro _with_least(ids, distances) -%}
    case least({{ distances | join(', ') }})
        {%- for id in ids %}
        when {{ distances[loop.index0] }} then {{ id }}
        {%- endfor %}
    end
{%- endmacro %}
