{% macro stored_version_as_yaml(segmentation, version=none) -%}
    {{ return(adapter.dispatch('stored_version_as_yaml', 'mallard')(segmentation, version)) }}
{%- endmacro %}

{# For dbt run-operation, whose arguments are texts. A name is that of a node of the project, or of a table of the target. #}
{% macro default__stored_version_as_yaml(segmentation, version) -%}
    {%- set nodes = graph.nodes.values() | selectattr('resource_type', 'eq', 'model') | selectattr('name', 'eq', segmentation) | list -%}
    {%- set place = nodes[0] if nodes else {'database': target.database, 'schema': target.schema, 'alias': segmentation} -%}
    {%- set relation = api.Relation.create(database=place.database, schema=place.schema, identifier=place.alias) -%}
    {%- set stored = mallard.stored_version(relation, version) if execute else none -%}
    {%- if stored is none -%}
        {%- do mallard._stop(relation ~ " isn't built yet: run dbt build first.") if execute -%}
    {%- else -%}
        {%- do print(toyaml({'mallard.stored_version': stored}, sort_keys=false)) -%}
    {%- endif -%}
{%- endmacro %}
