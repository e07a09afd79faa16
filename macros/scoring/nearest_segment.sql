{% macro nearest_segment(centroids) -%}
    {{ return(mallard._sql(adapter.dispatch('nearest_segment', 'mallard')(centroids))) }}
{%- endmacro %}

{# The first of equally near segments wins: the one with the lowest id. A segment that isn't farther than any after it is
   the nearest, if none before it was. Comparisons, made only as long as they hold, take half the time of least(). #}
{% macro default__nearest_segment(centroids) -%}
    {%- set ids = centroids.segments | map(attribute='segment_id') | list -%}
    {%- if ids | length < 2 -%}
        {{ ids[0] if ids else 'cast(null as integer)' }}
    {%- else -%}
        case
            {%- for id in ids[:-1] %}
            when {% for later in ids[loop.index:] -%}
                squared_distance_{{ id }} <= squared_distance_{{ later }}{{ ' and ' if not loop.last }}
            {%- endfor %} then {{ id }}
            {%- endfor %}
            else {{ ids[-1] }}
        end
    {%- endif -%}
{%- endmacro %}
