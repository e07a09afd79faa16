{% macro load_centroids(segments) -%}
    {{ return(adapter.dispatch('load_centroids', 'mallard')(segments)) }}
{%- endmacro %}

{# Read while a model compiles, so that scoring is arithmetic with constants. Vectors stay where they are: of them, `vectors` has the
   place among all coordinates and the size, and `relation` the coordinates. #}
{% macro default__load_centroids(segments) -%}
    {%- set found = [] -%}
    {%- set metrics = ['euclidean'] -%}
    {%- set vectors = {} -%}
    {%- if mallard._is_built(segments, 'the centroids') -%}
        {%- set query -%}
            select
                segment_id as "segment_id",
                any_value(segment_name) as "segment_name",
                any_value(metric) as "metric",
                any_value(feature) as "feature",
                min(place) as "place",
                count(*) as "n_positions",
                any_value({{ mallard._digits_of('coordinate') }}) as "coordinate"
            from (
                select
                    segment_id,
                    segment_name,
                    metric,
                    unnest(features) as feature,
                    unnest(centroid) as coordinate,
                    unnest(range(len(centroid))) as place
                from {{ segments }}
            )
            group by segment_id, feature collate posix
            order by segment_id asc, "place" asc
        {%- endset -%}
        {%- for row in mallard._query(query) -%}
            {%- if not found or found[-1].segment_id != row['segment_id'] -%}
                {%- do found.append({'segment_id': row['segment_id'] | int, 'segment_name': row['segment_name'], 'centroid': {}}) -%}
                {%- do metrics.append(row['metric']) -%}
            {%- endif -%}
            {%- if row['n_positions'] > 1 -%}
                {%- do vectors.update({row['feature']: {'place': row['place'] | int, 'size': row['n_positions'] | int}}) -%}
            {%- endif -%}
            {%- set is_number = row['n_positions'] == 1 -%}
            {%- do found[-1].centroid.update({row['feature']: mallard._digits(row['coordinate']) if is_number else none}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return({'metric': metrics[-1], 'segments': found, 'vectors': vectors, 'relation': segments}) }}
{%- endmacro %}
