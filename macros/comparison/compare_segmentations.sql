{% macro compare_segmentations(first, second, customer_id='customer_id', most_customers=5000) -%}
    {{ return(mallard._sql(adapter.dispatch('compare_segmentations', 'mallard')(first, second, customer_id, most_customers))) }}
{%- endmacro %}

{# The silhouettes in common features are of the same customers, in the scale of the first segmentation and by straight lines, whatever
   distance either of them compares by: so they can be compared. Groups scale each in its own way, so a customer of groups is measured among
   those of the same group alone; where one segmentation has groups, in the scale of the other. #}
{% macro default__compare_segmentations(first, second, customer_id, most_customers) -%}
    {%- do mallard._check_both(first, second, customer_id) -%}
    {%- if not most_customers is integer or most_customers < 2 -%}
        {%- do mallard._refuse('most_customers', most_customers, 'set it to a whole number of 2 or more') -%}
    {%- endif -%}
    {%- set one, other = mallard.stored_version(first), mallard.stored_version(second) -%}
    {%- if one is none or other is none -%}
        {%- set group = dict(mallard._group_column_of(first), **mallard._group_column_of(second)) -%}
        {%- set columns = dict(group, **mallard._columns_of_a_comparison()) -%}
        {%- do columns.update(mallard._columns_of_a_comparison_by_group()) if group -%}
        {{ return(mallard._customers_without_rows("(select '' as \"segmentation\")", columns)) }}
    {%- endif -%}
    {%- set has_groups = one.groups or other.groups -%}
    {%- set measured, features = mallard._measured_parts(first, second, one, other), {} -%}
    {%- for of in measured -%}
        {%- for feature in of.features -%} {%- do features.update({'mallard__scaled_' ~ feature.name: feature.size}) -%} {%- endfor -%}
    {%- endfor -%}
    {%- if not features -%}
        {%- do mallard._stop(
            first.identifier ~ ' and ' ~ second.identifier ~ ' have no feature in common'
            ~ (' in groups of the same name' if one.groups and other.groups else '')
            ~ ', so nothing measures both: compare segmentations that share a feature.'
        ) -%}
    {%- endif -%}
    with mallard__moves as materialized (

        {{ mallard._moves(first, second, customer_id, one, other) }}

    ),

    mallard__measured as materialized (

        {{ mallard._measured_in_common(measured, features, customer_id, most_customers, one, other) }}

    ),

    {%- for place in ['first', 'second'] %}
    {%- set drawn = '(select * from mallard__measured where is_drawn_for_' ~ place ~ ')' %}

    mallard__common_{{ place }} as (

        {{ mallard._silhouette_of(drawn, place ~ '_segment_id', features, place ~ '_group') }}

    ),

    mallard__agreement_{{ place }} as (

        {{ mallard._agreement_of_moves(place ~ '_group') }}

    ),

    mallard__moved_{{ place }} as (

        select
            {{ place }}_group,
            count(*) filter (second_segment_id != usual_segment_id) as n_moved
        from mallard__moves
        group by {{ place }}_group

    )
    {{- ',' if has_groups or not loop.last }}
    {%- endfor %}

    {%- if has_groups %}

    mallard__overall as (

        {{ mallard._agreement_of_moves() }}

    )
    {%- endif %}

    {%- for segmentation, place, of in [(first, 'first', one), (second, 'second', other)] %}
    select
        {{ mallard._literal(segmentation.identifier) }} as "segmentation",
        {%- if has_groups %}
        {{ 'metrics."group"' if of.groups else 'cast(null as varchar)' }} as "group",
        {%- endif %}
        sizes.n_customers as "n_customers",
        metrics.n_clusters as "n_segments",
        metrics.verdict as "verdict",
        stability.mean_stability as "mean_stability",
        metrics.least_stability as "least_stability",
        metrics.silhouette as "silhouette",
        metrics.silhouette_estimate as "silhouette_estimate",
        common.silhouette as "common_silhouette",
        coalesce(common.n, 0) as "n_measured",
        agreement.adjusted_rand_index as "adjusted_rand_index",
        coalesce(agreement.n, 0) as "n_in_both",
        coalesce(moved.n_moved, 0) as "n_moved"
        {%- if has_groups %},
        mallard__overall.adjusted_rand_index as "overall_adjusted_rand_index"
        {%- endif %}
    from {{ mallard.metrics(segmentation) }} as metrics
    inner join ({{ mallard._n_customers(segmentation, of) }}) as sizes on {{ mallard._group_or_none('metrics', of) }} = sizes.of_group
    left join ({{ mallard._mean_stability(segmentation, of) }}) as stability on sizes.of_group = stability.of_group
    left join mallard__common_{{ place }} as common on sizes.of_group = common.{{ place }}_group
    left join mallard__agreement_{{ place }} as agreement on sizes.of_group = agreement.{{ place }}_group
    left join mallard__moved_{{ place }} as moved on sizes.of_group = moved.{{ place }}_group
    {{ 'cross join mallard__overall' if has_groups }}
    where metrics.is_selected
    {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}

{# The agreement about the customers of each value of a column of the moves; without one, about all. #}
{% macro _agreement_of_moves(by=none) -%}
    {%- set cells -%}
        select
            {{ by ~ ',' if by }}
            first_segment_id || ' ' || first_group as mallard__first,
            second_segment_id || ' ' || second_group as mallard__second,
            count(*) as n
        from mallard__moves
        group by all
    {%- endset -%}
    {{ mallard._adjusted_rand_index_of(cells, by) }}
{%- endmacro %}

{# The customers with a segment, of each group. #}
{% macro _n_customers(segmentation, stored) -%}
    select
        {{ mallard._group_or_none('customers', stored) }} as of_group,
        count(customers.segment_id) as n_customers
    from {{ segmentation }} as customers
    {{ "where customers.\"group\" is not null group by of_group" if stored.groups }}
{%- endmacro %}

{# The mean stability of the segments, weighted by their customers, in each group. #}
{% macro _mean_stability(segmentation, stored) -%}
    select
        of_group,
        {{ mallard.default__exact_sum('stability * n_customers', 'scale') }} / sum(n_customers) as mean_stability
    from (
        select
            of_group,
            stability,
            n_customers,
            {{ mallard.default__sum_scale('max(n_customers) over (partition by of_group)') }} as scale
        from (
            select distinct
                {{ mallard._group_or_none('profiles', stored) }} as of_group,
                segment_id,
                stability,
                n_customers
            from {{ mallard.profiles(segmentation) }} as profiles
        )
    )
    group by of_group
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

{% macro _columns_of_a_comparison_by_group() -%}
    {{ return({
        'overall_adjusted_rand_index': ['double', 'Agreement about all customers of both; the same in all rows.'],
    }) }}
{%- endmacro %}
