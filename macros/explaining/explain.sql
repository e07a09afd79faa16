{% macro explain(segmentation, id=none) -%}
    {{ return(mallard._sql(adapter.dispatch('explain', 'mallard')(segmentation, id))) }}
{%- endmacro %}

{# The contributions of the features add up to how much farther the second centroid is: in squares, which are sums over the features; with
   metric cosine, whose distance is half of a square, in distances. `id` is one, or a list of several, or none for all customers. #}
{% macro default__explain(segmentation, id=none) -%}
    {%- if id is mapping or id is boolean -%}
        {%- do mallard._refuse('id', id, 'give the id of a customer, a list of ids, or none for all') -%}
    {%- endif -%}
    {%- set stored = mallard.stored_version(segmentation) -%}
    {%- set id_column = mallard._quoted(mallard._id_of(segmentation, stored)) -%}
    {%- if stored is none -%}
        {{ return(mallard._no_answers(segmentation, id_column, mallard._columns_of_an_explanation())) }}
    {%- endif -%}
    {%- set queries, remedy = [], 'the rule that a row falls under says why it is in its segment, see the table of rules' -%}
    {%- for part in mallard._stored_parts(segmentation, stored) -%}
        {%- do mallard._check_is_not_by_rules(segmentation, part.stored, 'mallard.explain', remedy) -%}
        {%- do queries.append(mallard._explanations_of(part, id_column, id)) -%}
    {%- endfor -%}
    select * exclude (against, place)
    from ({{ mallard._of_all_parts(queries) }})
    {%- if id is not none %}
    order by {{ id_column }} asc, {{ '"group" asc, ' if stored.groups }}against asc, place asc
    {%- endif %}
{%- endmacro %}

{# The explanations of the customers of a part, with what they are sorted by. #}
{% macro _explanations_of(part, id_column, id) -%}
    {%- set stored = part.stored -%}
    {%- set are_directions = mallard._metric(stored.metric).spherical -%}
    {%- set columns, rows = [], [] -%}
    {%- for of in stored.features -%}
        {%- set n = loop.index -%}
        {%- do columns.append(mallard._quoted('mallard__scaled_' ~ of.name) ~ ' as mallard__x' ~ n) -%}
        {%- do columns.append(('cast(null as double)' if of.size else of.expression) ~ ' as mallard__value' ~ n) -%}
        {%- set contribution = mallard._speaks_for(of, 'mallard__x' ~ n, 'own.c' ~ n, 'second.c' ~ n) -%}
        {%- set contribution = '(' ~ contribution ~ ')' ~ (' / 2' if are_directions else '') -%}
        {%- set position = mallard._double(none) if of.size else mallard._unscaled(of, stored) -%}
        {%- set row -%}
            {
                'against': -{{ contribution }},
                'place': {{ n }},
                'feature': {{ mallard._literal(of.name) }},
                'value': mallard__value{{ n }},
                'centroid': {{ position | replace('{}', 'own.c' ~ n) }},
                'second_centroid': {{ position | replace('{}', 'second.c' ~ n) }}
            }
        {%- endset -%}
        {%- do rows.append(row) -%}
    {%- endfor -%}
    with mallard__customers as (

        select
            {{ id_column }},
            segment_id,
            segment_name,
            second_segment_id,
            {{ columns | join(',\n            ') }}
        from ({{ mallard._scaled_by(part.customers, stored) }})
        where segment_id is not null {{- mallard._and_is_one_of(id_column, id) }}

    ),

    mallard__centroids as (

        {{ mallard._centroid_rows(stored.segments, stored.features) }}

    ),

    mallard__features as (

        select
            mallard__customers.{{ id_column }},
            mallard__customers.segment_id as own_segment_id,
            mallard__customers.segment_name,
            mallard__customers.second_segment_id,
            unnest(list_sort([
                {{ rows | join(',\n                ') }}
            ]), recursive := true)
        from mallard__customers
        inner join mallard__centroids as own on mallard__customers.segment_id = own.segment_id
        left join mallard__centroids as second on mallard__customers.second_segment_id = second.segment_id

    )

    select
        {{ mallard._group_of_part(part) }}
        {{ id_column }},
        own_segment_id as "segment_id",
        segment_name as "segment_name",
        second_segment_id as "second_segment_id",
        {{ mallard.default__segment_name('second_segment_id', mallard._stored_centroids(stored)) }} as "second_segment_name",
        feature as "feature",
        value as "value",
        centroid as "centroid",
        second_centroid as "second_centroid",
        0 - against as "contribution",
        against,
        place
    from mallard__features
{%- endmacro %}

{# A condition that follows others: the id is this one, or one of these; none, and it is any. #}
{% macro _and_is_one_of(id_column, id) -%}
    {%- if id is not none -%}
        {%- set texts = [] -%}
        {%- for one in ([id] if id is string or id is number else id) -%}
            {%- do texts.append(mallard._literal(one | string)) -%}
        {%- endfor -%}
        {{ ' and ' }}{{ mallard._exact_text(id_column) }} in ({{ texts | join(', ') or 'null' }})
    {%- endif -%}
{%- endmacro %}

{% macro _columns_of_an_explanation() -%}
    {{ return({
        'segment_id': ['integer', 'The segment of the customer.'],
        'segment_name': ['varchar', 'Its name.'],
        'second_segment_id': ['integer', 'The segment with the second nearest centroid.'],
        'second_segment_name': ['varchar', 'Its name.'],
        'feature': ['varchar', 'The feature.'],
        'value': ['double', 'The value of the customer, in the unit of the feature.'],
        'centroid': ['double', 'The centroid of the segment, in that unit.'],
        'second_centroid': ['double', 'The second nearest centroid, in that unit.'],
        'contribution': ['double', 'How much the feature speaks for the segment against the second.'],
    }) }}
{%- endmacro %}
