{% macro second_segment(centroids) -%}
    {{ return(mallard._sql(adapter.dispatch('second_segment', 'mallard')(centroids))) }}
{%- endmacro %}

{# As nearest_segment, without the segment that is nearest. #}
{% macro default__second_segment(centroids) -%}
    {%- set ids = centroids.segments | map(attribute='segment_id') | list -%}
    {%- if ids | length < 2 -%}
        cast(null as integer)
    {%- else -%}
        {{ adapter.dispatch('_second_of', 'mallard')(ids) }}
    {%- endif -%}
{%- endmacro %}

{% macro default___second_of(ids) -%}
        case
            {%- for id in ids[:-1] %}
            when segment_id <> {{ id }}
                {%- for later in ids[loop.index:] %} and (squared_distance_{{ id }} <= squared_distance_{{ later }} or segment_id = {{ later }}){% endfor %} then {{ id }}
            {%- endfor %}
            else {{ ids[-1] }}
        end
{%- endmacro %}

{% macro spark___second_of(ids) -%}
    {%- set distances = [] -%}
    {%- for id in ids -%}
        {%- do distances.append('case when segment_id <> ' ~ id ~ ' then squared_distance_' ~ id ~ ' end') -%}
    {%- endfor -%}
    {{ mallard._with_least(ids, distances) }}
{%- endmacro %}
