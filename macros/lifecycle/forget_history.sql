{# For dbt run-operation. The segmentation is a model of the project, by its name. #}
{% macro forget_history(segmentation) -%}
    {{ return(adapter.dispatch('forget_history', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__forget_history(segmentation) -%}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'segmentation' -%}
        {%- if segmentation | lower in [node.name | lower, node.alias | lower] -%} {%- do found.append(node) -%} {%- endif -%}
    {%- endfor -%}
    {%- if execute and not found -%}
        {%- do mallard._stop('there is no segmentation ' ~ segmentation ~ ' in this project: name a model that is materialized as one.') -%}
    {%- endif -%}
    {%- for node in found -%}
        {%- set relation = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) -%}
        {%- for name in mallard._tables_beside() if mallard._table(name).keeps -%}
            {{ drop_relation_if_exists(load_relation(mallard._own_table_beside(relation, name))) }}
        {%- endfor -%}
        {%- do adapter.commit() -%}
        {%- do log('mallard: the next build of ' ~ node.name ~ ' begins with version 1.', info=true) -%}
    {%- endfor -%}
{%- endmacro %}
