{% macro partition_borders(partitions) -%}
    {{ return(mallard._sql(adapter.dispatch('partition_borders', 'mallard')(partitions))) }}
{%- endmacro %}

{% macro default__partition_borders(partitions) -%}
    select
        segment_id,
        unnest(borders, recursive := true)
    from {{ partitions }}
    where is_selected
    order by all asc
{%- endmacro %}
