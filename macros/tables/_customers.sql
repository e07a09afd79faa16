{# What a segmentation adds to the columns of its select: what scoring says of a customer, and what the build before says. #}
{% macro _customers_table() -%}
    {%- set columns = mallard._columns_of_a_score() -%}
    {%- do columns.update(mallard._columns_of_history()) -%}
    {{ return({
        'row': 'One row per row of the select, with its columns and these.',
        'columns': columns,
        'by_settings': {
            'normalized_distance': ['contamination, max_distance', 'double', 'The shortest of the distances to the centroids, each divided by the radius of its segment: the root mean square of the distances of its customers at the fit. Above 1, a customer is farther away than most.'],
            'is_anomaly': ['contamination', 'boolean', 'Whether normalized_distance is among the largest: those of at most the share of the customers that the setting contamination gives, weighted, if customers have weights. Null for customers without a segment.'],
            'main_reason': ['main_reason', 'varchar', 'The feature that speaks most for the segment against the second, in words: the largest contribution of mallard.explain; with assignment: rules, the rule that gives the segment. Null for customers without a second segment.'],
        },
    }) }}
{%- endmacro %}

{# The columns that these settings ask for, each with its type and meaning. #}
{% macro _columns_by_settings(settings) -%}
    {%- set columns = {} -%}
    {%- for column, (names, type, meaning) in mallard._table('customers').by_settings.items() if settings is mapping -%}
        {%- for name in names.split(', ') if settings.get(name) is not none and settings.get(name) is not false -%}
            {%- do columns.update({column: [type, meaning]}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{# `outliers` are those of `_outliers_of_build`; none without their columns. #}
{% macro _columns_of_a_score(outliers=none) -%}
    {%- set columns, by_settings = {}, mallard._table('customers').by_settings if outliers else {} -%}
    {%- for column, about in mallard._columns_that_say_the_segment().items() -%}
        {%- do columns.update({column: about}) -%}
        {%- if column == 'confidence' and outliers -%}
            {%- do columns.update(normalized_distance=by_settings.normalized_distance[1:]) -%}
            {%- do columns.update(is_anomaly=by_settings.is_anomaly[1:]) if outliers.has_anomalies -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{% macro _columns_that_say_the_segment() -%}
    {{ return({
        'segment_id': ['integer', 'Number of the segment. Those of the first version are numbered from 1 by their centroids in lexicographic order: by the first feature, then by the second. Later versions keep the number of a segment that is still there, and give a new one the next number that none ever had. Null for customers without a segment.'],
        'segment_name': ['varchar', 'Name of the segment: the features that set it apart, and how. If all features are vectors: the customer nearest to the centroid.'],
        'distance_to_centroid': ['double', 'Distance to the centroid of the segment, in scaled units: Euclidean, or 1 - the cosine of the angle.'],
        'second_segment_id': ['integer', 'The segment with the second nearest centroid; with assignment: rules, with the nearest one but for that of the segment. Null if there is only one segment.'],
        'distance_to_second_centroid': ['double', 'Distance to the centroid of second_segment_id, in scaled units. Null if there is only one segment.'],
        'confidence': ['double', '1 - distance_to_centroid / distance_to_second_centroid: 0 on the border between two segments, 1 on the centroid. 1 if there is only one segment. With assignment: rules, distance_to_second_centroid / distance_to_centroid - 1, which is below 0, where that centroid is nearer.'],
        'assignment_status': ['varchar', 'assigned; imputed, if a missing value was filled in; or excluded, if the customer has no segment.'],
        'status_reason': ['varchar', 'Why the status is not assigned, such as "revenue is missing".'],
        'version': ['integer', 'The version of the segmentation that gave the segment.'],
    }) }}
{%- endmacro %}

{% macro _columns_of_history() -%}
    {{ return({
        'previous_segment_id': ['integer', 'The segment at the build before. Null for customers who were not there, or had none.'],
        'segment_changed_at': ['timestamp', 'When the run began in which the customer came into this segment, in UTC.'],
        'is_new': ['boolean', 'Whether the customer was not there at the build before.'],
    }) }}
{%- endmacro %}
