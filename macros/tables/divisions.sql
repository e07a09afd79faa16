{% macro divisions(segmentation) -%}
    {{ return(adapter.dispatch('divisions', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__divisions(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'divisions')) }}
{%- endmacro %}

{% macro _divisions_query(made) -%}
    {{ mallard.default__partition_divisions(made.partitions) }}
{%- endmacro %}

{% macro _divisions_table() -%}
    {{ return({
        'row': 'One row per segment of every number of segments tried and segment among one fewer with which it shares customers: what divides when there is one segment more. With assignment: rules, of the segments of the nearest centroids, which the rules follow.',
        'made_by': 'fit',
        'figures': {'row': ['share_of_segment', 'share_of_parent']},
        'columns': {
            'n_clusters': mallard._table('metrics').columns.n_clusters,
            'segment_id': mallard._table('customers').columns.segment_id,
            'parent_id': ['integer', 'Number of the other segment, among n_clusters - 1 segments.'],
            'share_of_segment': ['double', "Share of the segment's customers who are in the other, 0 to 1. An estimate if compression is coreset."],
            'share_of_parent': ['double', "Share of the other segment's customers who are in the segment, 0 to 1."],
        },
    }) }}
{%- endmacro %}

{# The shares are of sizes that are known where the number was chosen, and from there on by each other. Where customers have weights, nobody
   knows how many there are in both. #}
{% macro _few_in_divisions(rows, made, fewest) -%}
    {%- set counted -%}
        (
            select
                mallard__rows.*,
                {{ 'cast(1 as double)' if made.plan.weight else 'round(mallard__rows.share_of_segment * mallard__sizes.weight)' }} as mallard__n
            from {{ rows }} as mallard__rows
            inner join {{ made.partitions }} as mallard__sizes
                on mallard__rows.n_clusters = mallard__sizes.n_clusters and mallard__rows.segment_id = mallard__sizes.segment_id
        )
    {%- endset -%}
    {{ mallard._all_or_none(counted, 'greatest(mallard__n, 1)', 'n_clusters', fewest) }}
{%- endmacro %}
