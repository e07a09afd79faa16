{% macro profiles(segmentation) -%}
    {{ return(adapter.dispatch('profiles', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__profiles(segmentation) -%}
    {{ return(mallard._current_rows(segmentation, 'profiles')) }}
{%- endmacro %}

{% macro _profiles_query(made) -%}
    {%- set plan = made.plan -%}
    {{ mallard.default__feature_profiles(
        made.customers, made.statistics, plan.id, made.centroids, plan.settings.value_column, plan.words, is_table=true
    ) }}
{%- endmacro %}

{% macro _profiles_table() -%}
    {{ return({
        'row': 'One row per segment and feature, with how the customers of the segment differ from all.',
        'keeps': 'versions',
        'figures': {
            'segment': ['n_customers', 'share', 'stability', 'representatives'],
            'value': ['total_value', 'share_of_value'],
            'mean': ['mean', 'median', 'z_score'],
            'feature': ['overall_mean', 'overall_median'],
        },
        'columns': {
            'version': mallard._version_column(),
            'segment_id': mallard._table('customers').columns.segment_id,
            'segment_name': mallard._table('customers').columns.segment_name,
            'n_customers': ['bigint', 'Customers in the segment.'],
            'share': ['double', 'Share of all customers with a segment, 0 to 1. Weighted, if customers have weights.'],
            'stability': ['double', 'How well the segment comes back when customers are drawn anew: mean Jaccard similarity with the segment most like it in 50 bootstrap resamples. From 0.85 on highly stable, from 0.75 stable, from 0.6 a pattern, below not to be trusted. Too low if more than 2,000 distinct customers were clustered, because a sample stands for them. Null if there is only one segment. With assignment: rules, of the segments of the nearest centroids, which the rules follow.'],
            'value_label': ['varchar', 'What people call the column of the setting value_column. Null without that setting.'],
            'total_value': ['double', 'Sum of that column over the customers of the segment. Weighted, if customers have weights; a missing value counts as nothing.'],
            'share_of_value': ['double', 'Share of the segment in the sum over all customers with a segment. Null if that sum is not above 0.'],
            'feature': ['varchar', 'Name of the feature. A category has one per value (column=value).'],
            'label': ['varchar', 'What people call it: the setting feature_words, or its name with spaces.'],
            'mean': ['double', 'Mean over the customers of the segment who have a value. Weighted, if customers have weights. Null for what is not a number.'],
            'median': ['double', 'Median over the customers of the segment who have a value. Weighted, if customers have weights. Null for what is not a number.'],
            'overall_mean': ['double', 'The same mean over all customers with a segment.'],
            'overall_median': ['double', 'The same median over all customers with a segment.'],
            'z_score': ['double', 'Distance of the segment from all customers with a segment, on the scale on which segments were found: between the means of the scaled values, in their population standard deviations. A missing value stands where it was filled in. Segments are named by it. Null for a vector.'],
            'representatives': ['varchar', 'Ids of the three customers nearest to the centroid, if the feature is a vector. Null for a number.'],
        },
    }) }}
{%- endmacro %}

{% macro _few_in_profiles(rows, made, fewest) -%}
    select
        *,
        mallard__hides_segment or (select is_hidden from mallard__few_worth) as mallard__hides_value,
        mallard__hides_segment or mallard__hides_feature or mallard__is_of_few as mallard__hides_mean
    from (
        select
            mallard__rows.*,
            mallard__rows.segment_id in (select segment_id from mallard__few_segments) as mallard__hides_segment,
            mallard__few_features.feature is not null as mallard__hides_feature,
            mallard__few_means.feature is not null as mallard__is_of_few
        from {{ rows }} as mallard__rows
        left join mallard__few_features on md5(mallard__rows.feature) = mallard__few_features.feature
        left join mallard__few_means
            on md5(mallard__rows.feature) = mallard__few_means.feature
            and mallard__rows.segment_id = mallard__few_means.segment_id
    )
{%- endmacro %}
