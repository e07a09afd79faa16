{% macro memberships(segmentation, top_n=none, min_probability=none) -%}
    {{ return(mallard._sql(adapter.dispatch('memberships', 'mallard')(segmentation, top_n, min_probability))) }}
{%- endmacro %}

{# The posterior probabilities of the mixture that K-means stands for, of Gaussians that are spherical, equally wide and equally frequent
   (Celeux and Govaert, "A classification EM algorithm for clustering and two stochastic versions", Computational Statistics & Data Analysis
   14, 1992): a softmax of - squared distance / (2 * variance). Sizes of segments don't count, so that nobody is likelier in another segment
   than the own one. The least squared distance is subtracted from all, so that exp() of the nearest is 1. #}
{% macro default__memberships(segmentation, top_n=none, min_probability=none) -%}
    {%- do mallard._check_number_of_rows('top_n', top_n) if top_n is not none -%}
    {%- if min_probability is not none and not (min_probability is number and 0 <= min_probability <= 1) -%}
        {%- do mallard._refuse('min_probability', min_probability, 'set it to a number from 0 to 1') -%}
    {%- endif -%}
    {%- set stored = mallard.stored_version(segmentation) -%}
    {%- set id = mallard._quoted(mallard._id_of(segmentation, stored)) -%}
    {%- if stored is none -%}
        {{ return(mallard._no_answers(segmentation, id, mallard._columns_of_a_membership())) }}
    {%- endif -%}
    {%- set queries, remedy = [], 'rules are certain, so leave it out' -%}
    {%- for part in mallard._stored_parts(segmentation, stored) -%}
        {%- do mallard._check_is_not_by_rules(segmentation, part.stored, 'mallard.memberships', remedy) -%}
        {%- do queries.append(mallard._memberships_of(part, id, top_n, min_probability)) -%}
    {%- endfor -%}
    {{ return(mallard._of_all_parts(queries)) }}
{%- endmacro %}

{# The same of the customers of a part. #}
{% macro _memberships_of(part, id, top_n, min_probability) -%}
    {%- set centroids = mallard._stored_centroids(part.stored) -%}
    {%- set distances, likelihoods, rows = [], [], [] -%}
    {%- for segment in centroids.segments -%}
        {%- set distance, likelihood = 'squared_distance_' ~ segment.segment_id, 'likelihood_' ~ segment.segment_id -%}
        {%- do distances.append(distance) -%}
        {%- do likelihoods.append(likelihood) -%}
        {%- do rows.append(
            "{'squared_distance': " ~ distance ~ ", 'segment_id': " ~ segment.segment_id ~ ", 'probability': " ~ likelihood ~ ' / total}'
        ) -%}
    {%- endfor -%}
    {%- set rows = '[' ~ rows | join(', ') ~ ']' -%}
    {%- set variance = mallard._variance_within(part.stored) -%}
    with mallard__measured as (

        {{ mallard._distances_by(part, centroids, id) }}
        where segment_id is not null

    ),

    mallard__nearest as (

        select
            *,
            least({{ distances | join(', ') }}) as nearest
        from mallard__measured

    ),

    mallard__likelihoods as (

        select
            *,
            {%- for segment in centroids.segments %}
            {{ mallard._likelihood('squared_distance_' ~ segment.segment_id, variance) }} as likelihood_{{ segment.segment_id }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from mallard__nearest

    ),

    mallard__memberships as (

        select
            {{ id }},
            unnest({{ 'list_sort(' ~ rows ~ ')[1:' ~ top_n ~ ']' if top_n else rows }}, recursive := true)
        from (select *, {{ mallard._sum(likelihoods) }} as total from mallard__likelihoods)

    )

    select
        {{ mallard._group_of_part(part) }}
        {{ id }},
        cast(segment_id as integer) as "segment_id",
        {{ mallard.default__segment_name('segment_id', centroids) }} as "segment_name",
        probability as "probability"
    from mallard__memberships
    {{ 'where probability >= ' ~ mallard._double(min_probability) if min_probability is not none }}
{%- endmacro %}

{# Of a customer at this squared distance, relative to that of the nearest segment. Without variance, the nearest is certain. #}
{% macro _likelihood(squared_distance, variance) -%}
    {%- if variance > 0 -%}
    exp((nearest - {{ squared_distance }}) / {{ mallard._double(2 * variance) }})
    {%- else -%}
    case when {{ squared_distance }} = nearest then 1.0 else 0.0 end
    {%- endif -%}
{%- endmacro %}

{# Of each coordinate within the segments: the maximum likelihood estimate, inertia / (number of customers * number of coordinates).
   Directions have one coordinate less than features, because their length is 1; the mixture is then one of von Mises-Fisher distributions
   in the limit of high concentration (Banerjee et al., "Clustering on the unit hypersphere using von Mises-Fisher distributions", Journal
   of Machine Learning Research 6, 2005). #}
{% macro _variance_within(stored) -%}
    {%- set coordinates = [-1 if mallard._metric(stored.metric).spherical else 0] -%}
    {%- for of in stored.features -%} {%- do coordinates.append(of.size or 1) -%} {%- endfor -%}
    {%- set weight = stored.segments | sum(attribute='weight') -%}
    {{ return((stored.segments | sum(attribute='squared_distances')) / weight / [coordinates | sum, 1] | max) }}
{%- endmacro %}

{% macro _columns_of_a_membership() -%}
    {{ return({
        'segment_id': ['integer', 'A segment.'],
        'segment_name': ['varchar', 'Its name.'],
        'probability': ['double', 'How probable it is that the customer belongs to it.'],
    }) }}
{%- endmacro %}
