{# The name of the column that identifies a customer: of the version; before there is one, what the settings of the model say. #}
{% macro _id_of(segmentation, stored) -%}
    {%- if stored is not none -%}
        {{ return(mallard._stored_parts(segmentation, stored)[0].stored.id) }}
    {%- endif -%}
    {%- for node in graph.get('nodes', {}).values() if node.config.materialized == 'segmentation' -%}
        {%- set place = {'database': node.database, 'schema': node.schema, 'identifier': node.alias} -%}
        {%- if mallard._is_same_relation(place, segmentation) -%}
            {{ return(node.config.meta.get('mallard', node.config.meta).get('id') or 'customer_id') }}
        {%- endif -%}
    {%- endfor -%}
    {{ return('customer_id') }}
{%- endmacro %}

{# The group, if there are groups, the ids and these columns, without a row. #}
{% macro _no_answers(segmentation, id, columns) -%}
    {%- set group = '"group", ' if mallard._group_column_of(segmentation) else '' -%}
    {{ return(mallard._customers_without_rows('(select ' ~ group ~ id ~ ' from ' ~ segmentation ~ ')', columns)) }}
{%- endmacro %}

{# The customers of a part with the squares of their distances to these centroids, and their own segments. #}
{% macro _distances_by(part, centroids, id) -%}
        select
            {{ id }},
            segment_id,
            mallard__is_used,
            {{ mallard.default__squared_distances(centroids, 'mallard__scaled_') }}
        from ({{ mallard._scaled_by(part.customers, part.stored) }})
        {%- if centroids.vectors %}
        cross join ({{ mallard._centroid_vectors(centroids) }})
        {%- endif %}
{%- endmacro %}

{# Stop unless a number of rows is one. #}
{% macro _check_number_of_rows(argument, value) -%}
    {%- if value is not integer or value < 1 -%}
        {%- do mallard._refuse(argument, value, 'set it to a whole number of 1 or more') -%}
    {%- endif -%}
{%- endmacro %}
