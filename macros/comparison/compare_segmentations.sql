{% macro compare_segmentations(first, second, customer_id='customer_id', most_customers=5000) -%}
    {{ return(mallard._sql(adapter.dispatch('compare_segmentations', 'mallard')(first, second, customer_id, most_customers))) }}
{%- endmacro %}

{# The silhouettes in common features are of the same customers, in the scale of the first segmentation and by straight lines, whatever
   distance either of them compares by: so they can be compared. #}
{% macro default__compare_segmentations(first, second, customer_id, most_customers) -%}
    {%- do mallard._check_both(first, second, customer_id) -%}
    {%- set id = mallard._quoted(customer_id) -%}
    {%- if not most_customers is integer or most_customers < 2 -%}
        {%- do mallard._refuse('most_customers', most_customers, 'set it to a whole number of 2 or more') -%}
    {%- endif -%}
    {%- set one = mallard._version_of_all(first, 'mallard.compare_segmentations') -%}
    {%- set other = mallard._version_of_all(second, 'mallard.compare_segmentations') -%}
    {%- if one is none or other is none -%}
        {{ return(mallard._customers_without_rows("(select '' as \"segmentation\")", mallard._columns_of_a_comparison())) }}
    {%- endif -%}
    {%- set common = mallard._common_features(one, other) -%}
    {%- if not common -%}
        {%- do mallard._stop(
            first.identifier ~ ' and ' ~ second.identifier ~ ' have no feature in common, so nothing measures both: compare '
            ~ 'segmentations that share a feature.'
        ) -%}
    {%- endif -%}
    {%- set scaled, features = [], {} -%}
    {%- for of in common -%}
        {%- do scaled.append(mallard._quoted('mallard__scaled_' ~ of.name)) -%}
        {%- do features.update({'mallard__scaled_' ~ of.name: of.size}) -%}
    {%- endfor -%}
    with mallard__moves as materialized (

        {{ mallard._moves(first, second, customer_id) }}

    ),

    mallard__measured as materialized (

        select
            first_segment_id,
            second_segment_id,
            {{ scaled | join(',\n            ') }}
        from mallard__moves
        inner join (
            select
                {{ mallard._exact_text(id) }} as mallard__exact_id,
                {{ scaled | join(',\n                ') }}
            from ({{ mallard._scaled_by(first, dict(one, features=common, metric='euclidean')) }})
        ) using (mallard__exact_id)
        order by md5(mallard__exact_id) asc
        limit {{ most_customers }}

    ),

    mallard__agreement as (

        {{ mallard.default__adjusted_rand_index('mallard__moves', 'first_segment_id', 'second_segment_id') }}

    )

    {%- for segmentation, place in [(first, 'first'), (second, 'second')] %}
    select
        {{ mallard._literal(segmentation.identifier) }} as "segmentation",
        (select count(segment_id) from {{ segmentation }}) as "n_customers",
        metrics.n_clusters as "n_segments",
        metrics.verdict as "verdict",
        stability.mean_stability as "mean_stability",
        metrics.least_stability as "least_stability",
        metrics.silhouette as "silhouette",
        metrics.silhouette_estimate as "silhouette_estimate",
        common.silhouette as "common_silhouette",
        common.n as "n_measured",
        mallard__agreement.adjusted_rand_index as "adjusted_rand_index",
        mallard__agreement.n as "n_in_both",
        (select count(*) from mallard__moves where second_segment_id != usual_segment_id) as "n_moved"
    from {{ mallard.metrics(segmentation) }} as metrics
    cross join ({{ mallard._mean_stability(segmentation) }}) as stability
    cross join ({{ mallard._silhouette_of('mallard__measured', place ~ '_segment_id', features) }}) as common
    cross join mallard__agreement
    where metrics.is_selected
    {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}

{# The features of one stored version that the other has, too. #}
{% macro _common_features(one, other) -%}
    {%- set common = [] -%}
    {%- for of in one.features -%}
        {%- for same in other.features if (same.name, same.size) == (of.name, of.size) -%}
            {%- do common.append(of) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(common) }}
{%- endmacro %}

{# The mean stability of the segments, weighted by their customers. #}
{% macro _mean_stability(segmentation) -%}
    select {{ mallard.default__exact_sum('stability * n_customers', 'scale') }} / sum(n_customers) as mean_stability
    from (
        select
            stability,
            n_customers,
            {{ mallard.default__sum_scale('max(n_customers) over ()') }} as scale
        from (select distinct segment_id, stability, n_customers from {{ mallard.profiles(segmentation) }})
    )
{%- endmacro %}

{% macro _columns_of_a_comparison() -%}
    {{ return({
        'n_customers': ['bigint', 'Customers with a segment.'],
        'n_segments': ['integer', 'Number of segments.'],
        'verdict': ['varchar', 'What the segments are, as in the table of metrics.'],
        'mean_stability': ['double', 'Stability of the segments when customers are drawn anew, weighted by their customers.'],
        'least_stability': ['double', 'Stability of the segment that comes back least.'],
        'silhouette': ['double', 'Silhouette in the features of the segmentation, as in the table of metrics.'],
        'silhouette_estimate': ['double', 'The same, estimated.'],
        'common_silhouette': ['double', 'Silhouette in the features that both have.'],
        'n_measured': ['bigint', 'Customers that common_silhouette is of.'],
        'adjusted_rand_index': ['double', 'Agreement of the two; the same in both rows.'],
        'n_in_both': ['bigint', 'Customers with a segment in both; the same in both rows.'],
        'n_moved': ['bigint', 'Customers who moved; the same in both rows.'],
    }) }}
{%- endmacro %}
