{% macro profiles(segmentation) -%}
    {{ return(adapter.dispatch('profiles', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__profiles(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'profiles')) }}
{%- endmacro %}

{% macro _profiles_query(made) -%}
    {{ mallard.feature_profiles(made.customers, made.statistics) }}
{%- endmacro %}

{% macro _profiles_table() -%}
    {{ return({
        'row': 'One row per segment and feature, with how the customers of the segment differ from all.',
        'columns': {
            'segment_id': mallard._table('customers').columns.segment_id,
            'segment_name': mallard._table('customers').columns.segment_name,
            'n_customers': ['bigint', 'Customers in the segment.'],
            'share': ['double', 'Share of all customers with a segment, 0 to 1. Weighted, if customers have weights.'],
            'feature': ['varchar', 'Name of the feature. A category has one per value (column=value), a vector one per position (column[1]).'],
            'mean': ['double', 'Mean of the feature over the customers of the segment.'],
            'overall_mean': ['double', 'Mean of the feature over all customers with a segment.'],
            'z_score': ['double', 'Distance between the two means, in population standard deviations of all customers with a segment.'],
        },
    }) }}
{%- endmacro %}
