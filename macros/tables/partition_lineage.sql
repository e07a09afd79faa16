{% macro partition_lineage(partitions) -%}
    {{ return(adapter.dispatch('partition_lineage', 'mallard')(partitions)) }}
{%- endmacro %}

{% macro default__partition_lineage(partitions) -%}
    select
        n_clusters,
        segment_id,
        unnest(parents, recursive := true)
    from {{ partitions }}
    order by all asc
{%- endmacro %}
