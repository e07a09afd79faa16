{% macro profiles(segmentation) -%}
    {{ return(adapter.dispatch('profiles', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__profiles(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'profiles')) }}
{%- endmacro %}

{% macro _profiles_query(made) -%}
    {{ mallard.feature_profiles(made.customers, made.statistics, made.id, made.centroids.relation) }}
{%- endmacro %}

{% macro _profiles_table() -%}
    {{ return({
        'row': 'One row per segment and feature, with how the customers of the segment differ from all.',
        'columns': {
            'segment_id': mallard._table('customers').columns.segment_id,
            'segment_name': mallard._table('customers').columns.segment_name,
            'n_customers': ['bigint', 'Customers in the segment.'],
            'share': ['double', 'Share of all customers with a segment, 0 to 1. Weighted, if customers have weights.'],
            'stability': ['double', 'How well the segment comes back when customers are drawn anew: mean Jaccard similarity with the segment most like it in 50 bootstrap resamples. From 0.85 on highly stable, from 0.75 stable, from 0.6 a pattern, below not to be trusted. Too low if more than 2,000 distinct customers were clustered, because a sample stands for them. Null if there is only one segment.'],
            'feature': ['varchar', 'Name of the feature. A category has one per value (column=value).'],
            'mean': ['double', 'Mean of the feature over the customers of the segment. Null for a vector.'],
            'overall_mean': ['double', 'Mean of the feature over all customers with a segment. Null for a vector.'],
            'z_score': ['double', 'Distance between the two means, in population standard deviations of all customers with a segment. Null for a vector.'],
            'representatives': ['varchar', 'Ids of the three customers nearest to the centroid, if the feature is a vector. Null for a number.'],
        },
    }) }}
{%- endmacro %}
