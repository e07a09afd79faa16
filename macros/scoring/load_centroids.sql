{% macro load_centroids(segments) -%}
    {{ return(adapter.dispatch('load_centroids', 'mallard')(segments)) }}
{%- endmacro %}

{# Read while a model compiles, so that scoring is arithmetic with constants. #}
{% macro default__load_centroids(segments) -%}
    {%- set found = [] -%}
    {%- set metrics = ['euclidean'] -%}
    {%- if mallard._is_built(segments, 'the centroids') -%}
        {%- set query -%}
            select segment_id, segment_name, metric, unnest(features) as feature, {{ mallard._digits_of('unnest(centroid)') }} as coordinate
            from {{ segments }}
            order by segment_id
        {%- endset -%}
        {%- for row in run_query(query) -%}
            {%- if not found or found[-1].segment_id != row['segment_id'] -%}
                {%- do found.append({'segment_id': row['segment_id'] | int, 'segment_name': row['segment_name'], 'centroid': {}}) -%}
                {%- do metrics.append(row['metric']) -%}
            {%- endif -%}
            {%- do found[-1].centroid.update({row['feature']: mallard._digits(row['coordinate'])}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return({'metric': metrics[-1], 'segments': found}) }}
{%- endmacro %}
