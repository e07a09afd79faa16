{# For each segmentation whose centroids are published, because these constants say as much: macros of DuckDB that answer for one customer
   what `mallard.score` does for many. Their parameters are the columns that features are made of, so no column in them has such a name. One segmentation per
   group has none. #}
{% macro _macros_to_publish() -%}
    {%- set macros = [] -%}
    {%- for node in graph.nodes.values() if node.config.materialized == 'segmentation' -%}
        {%- set settings = node.config.meta.get('mallard', node.config.meta) -%}
        {%- set segmentation = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) -%}
        {%- set versions = mallard.versions(segmentation) -%}
        {%- set is_published = 'centroids' in mallard._published_tables(settings, strict=false) -%}
        {%- if is_published and load_relation(segmentation) and load_relation(versions) -%}
            {%- if mallard._has_rows(versions) and not mallard._has_groups(versions) -%}
                {%- set stored = mallard.stored_version(segmentation) -%}
                {%- for of in stored.features -%} {%- do of.update(is_portable=true) -%} {%- endfor -%}
                {%- set scored = mallard._scored_by('(select 1 as mallard__one)', stored) -%}
                {%- for name, column in {'segment': 'segment_id', 'distance': 'distance_to_centroid'}.items() -%}
                    {%- do macros.append({
                        'name': node.alias ~ '__' ~ name,
                        'parameters': stored.columns | list,
                        'expression': '(select ' ~ column ~ ' from (' ~ scored ~ '))'
                    }) -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(macros) }}
{%- endmacro %}
