{% macro borders(segmentation) -%}
    {{ return(adapter.dispatch('borders', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__borders(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'borders')) }}
{%- endmacro %}

{% macro _borders_query(made) -%}
    {{ mallard.default__partition_borders(made.partitions) }}
{%- endmacro %}

{% macro _borders_table() -%}
    {{ return({
        'row': 'One row per pair of neighbouring segments, with how many customers there are between them. With assignment: rules, of the segments of the nearest centroids, which the rules follow.',
        'made_by': 'fit',
        'figures': {
            'row': ['depth', 'significance', 'n_border', 'n_inside', 'n_inside_other'],
            'profile': ['profile'],
        },
        'columns': {
            'segment_id': mallard._table('customers').columns.segment_id,
            'other_segment_id': ['integer', 'Number of the neighbour; a pair stands in one row, the smaller number first. Two segments are neighbours if no third centroid is nearer to the middle between theirs. Segments of fewer than 5 customers, or of less than 0.5 % of them, are left out.'],
            'depth': ['double', 'Density of customers at the border, as a fraction of the density inside the segment where it is lower; below 1 in a valley, 1 or more on a crest.'],
            'significance': ['double', 'By how many standard errors there are fewer customers at the border than if border and inside had the same density.'],
            'n_border': ['double', 'Customers at the border: in a stretch a quarter as long as the distance between the centroids, in the column that joins the two segments. An estimate if compression is coreset.'],
            'n_inside': ['double', 'Customers in a stretch of the same length inside the segment.'],
            'n_inside_other': ['double', 'Customers in a stretch of the same length inside the neighbour.'],
            'is_separate': ['boolean', 'Whether the border is a valley, and so separates two groups. If not, it cuts through one.'],
            'profile': ['double[]', 'Customers in 40 stretches of equal length along the line through the centroids: the border is in the middle, the centroids are after 10 and 30 stretches.'],
        },
    }) }}
{%- endmacro %}

{# Where customers have weights, nobody knows how many there are at a border. #}
{% macro _few_in_borders(rows, made, fewest) -%}
    select
        *,
        mallard__hides_profile or least(n_border, n_inside, n_inside_other) < {{ fewest }} as mallard__hides_row
    from (
        select
            * exclude (profile),
            [case when n >= {{ fewest }} then n end for n in profile] as profile,
            {%- if made.plan.weight %}
            true as mallard__hides_profile
            {%- else %}
            segment_id in (select segment_id from mallard__few_segments)
            or other_segment_id in (select segment_id from mallard__few_segments) as mallard__hides_profile
            {%- endif %}
        from {{ rows }}
    )
{%- endmacro %}
