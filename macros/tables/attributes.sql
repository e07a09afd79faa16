{% macro attributes(segmentation) -%}
    {{ return(adapter.dispatch('attributes', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__attributes(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'attributes')) }}
{%- endmacro %}

{% macro _attributes_query(made) -%}
    {%- set columns = {'number': [], 'text': [], 'time': []} -%}
    {%- for attribute in made.plan.attributes -%} {%- do columns[attribute.kind].append(attribute.column) -%} {%- endfor -%}
    {{ mallard.default__attribute_profiles(
        made.customers, columns.number, columns.text, columns.time, made.plan.settings.weight_column, made.plan.words
    ) }}
{%- endmacro %}

{% macro _attributes_table() -%}
    {{ return({
        'row': 'One row per segment and column that is no feature, with how the customers of the segment differ from all; of texts and booleans, one for each of the five commonest values of the segment. What fewer than five customers of all have has no row.',
        'columns': {
            'segment_id': mallard._table('customers').columns.segment_id,
            'segment_name': mallard._table('customers').columns.segment_name,
            'attribute': ['varchar', 'Name of the column.'],
            'label': mallard._table('profiles').columns.label,
            'value': ['varchar', 'One of the commonest values of a text or boolean. Null for numbers, dates and times.'],
            'n_customers': ['bigint', 'Customers in the segment with this value; with any value, for numbers, dates and times.'],
            'share': ['double', 'Their share of the segment, 0 to 1. Weighted, if customers have weights.'],
            'overall_share': ['double', 'The same share of all customers with a segment.'],
            'mean': mallard._table('profiles').columns.mean,
            'median': mallard._table('profiles').columns.median,
            'overall_mean': mallard._table('profiles').columns.overall_mean,
            'overall_median': mallard._table('profiles').columns.overall_median,
            'z_score': ['double', 'Distance between the two means, in population standard deviations of all customers with a segment. Null for what is not a number.'],
            'median_at': ['timestamp', 'Median of a date or time over the customers of the segment who have one, in UTC. Weighted, if customers have weights. Null for what is neither.'],
            'overall_median_at': ['timestamp', 'The same median over all customers with a segment.'],
        },
    }) }}
{%- endmacro %}
