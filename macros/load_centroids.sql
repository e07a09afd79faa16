{% macro load_centroids(segments) -%}
    {{ return(adapter.dispatch('load_centroids', 'mallard')(segments)) }}
{%- endmacro %}

{# The centroids are read when a model compiles, so that scoring is arithmetic with constants. #}
{% macro default__load_centroids(segments) -%}
    {%- set centroids = [] -%}
    {%- if execute -%}
        {%- do mallard._check_is_built(segments, 'the centroids') -%}
        {%- set query -%}
            select segment_id, segment_name, unnest(features) as feature, {{ mallard._digits_of('unnest(centroid)') }} as coordinate
            from {{ segments }}
            order by segment_id
        {%- endset -%}
        {%- for row in run_query(query) -%}
            {%- if not centroids or centroids[-1].segment_id != row['segment_id'] -%}
                {%- do centroids.append({'segment_id': row['segment_id'] | int, 'segment_name': row['segment_name'], 'centroid': {}}) -%}
            {%- endif -%}
            {%- do centroids[-1].centroid.update({row['feature']: row['coordinate'][:-1]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(centroids) }}
{%- endmacro %}
