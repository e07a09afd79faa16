{% macro partition_divisions(partitions) -%}
    {{ return(mallard._sql(adapter.dispatch('partition_divisions', 'mallard')(partitions))) }}
{%- endmacro %}

{% macro default__partition_divisions(partitions) -%}
    select
        n_clusters,
        segment_id,
        unnest(parents, recursive := true)
    from {{ partitions }}
    order by all asc
{%- endmacro %}
