{% macro lineage(segmentation) -%}
    {{ return(adapter.dispatch('lineage', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__lineage(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'lineage')) }}
{%- endmacro %}

{# Names as people see them, which vectors have only after the step that matches segments. #}
{% macro _lineage_query(made) -%}
    {%- if not made.stored -%}
        {{ return(mallard._no_rows_beside('lineage')) }}
    {%- endif -%}
    select
        cast({{ made.stored.number }} as integer) as "from_version",
        segment_id as "segment_id",
        {{ mallard.default__segment_name('segment_id', made.old_centroids) }} as "segment_name",
        fate as "fate",
        new_segment_id as "new_segment_id",
        {{ mallard.default__segment_name('new_segment_id', made.centroids) }} as "new_segment_name",
        n_shared as "n_shared",
        share_of_old as "share_of_old",
        share_of_new as "share_of_new",
        jaccard_now as "jaccard_now",
        jaccard_then as "jaccard_then",
        keeps_id as "keeps_id"
    from mallard__fates
    order by segment_id asc nulls last, new_segment_id asc
{%- endmacro %}

{% macro _lineage_table() -%}
    {%- set id = mallard._table('customers').columns.segment_id[0] -%}
    {{ return({
        'row': 'One row per version, segment of the version before and segment that it went to: what became of each, and what is new.',
        'made_by': 'fit',
        'keeps': 'versions',
        'figures': {'row': ['n_shared', 'share_of_old', 'share_of_new', 'jaccard_now', 'jaccard_then']},
        'columns': {
            'version': mallard._version_column(),
            'from_version': ['integer', 'The version before.'],
            'segment_id': [id, 'Segment of the version before. Null for one that emerged.'],
            'segment_name': ['varchar', 'Its name.'],
            'fate': ['varchar', 'What became of it: survived, keeping its id; split, merged with others, dissolved into several, or vanished with its customers; emerged, of a new one that comes from none.'],
            'new_segment_id': [id, 'Segment that it went to. Null if nothing is left of it.'],
            'new_segment_name': ['varchar', 'Its name.'],
            'n_shared': ['bigint', 'Customers of both builds who were in the one and are in the other.'],
            'share_of_old': ['double', 'Their share of the customers of both builds who were in the old one, 0 to 1. Null without a pair of segments.'],
            'share_of_new': ['double', 'Their share of the customers of both builds who are in the new one, 0 to 1. Null without a pair of segments.'],
            'jaccard_now': ['double', "How much the two are one segment by today's customers: those of both versions' segments as a share of those of either, 0 to 1. Customers farther from the old centroid than 99 % were at the fit count for the new one alone. Null without a pair, and where the version before lacks a column."],
            'jaccard_then': ['double', 'How much the two are one segment by the customers of both builds: those who were in the one and are in the other, as a share of those in either, 0 to 1. Null without a pair of segments.'],
            'keeps_id': ['boolean', 'Whether the new one has the id and name of the old one. It does from a similarity of 0.3 on, the larger of the two, if it is the best match.'],
        },
    }) }}
{%- endmacro %}

{# What two versions share adds up to the segments of both. #}
{% macro _few_in_lineage(rows, made, fewest) -%}
    {{ mallard._all_or_none(rows, 'n_shared', 'version', fewest) }}
{%- endmacro %}
