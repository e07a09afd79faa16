{# For on-run-end. dbt allows Python in materializations only, and takes a macro for one by its name. An error is raised by the SQL
   that the hook becomes: one that is raised before would be reported as an interrupt from the keyboard. #}
{% macro publish_materializations(results, files, copies=[]) -%}
    {%- if files is not mapping -%}
        {{ return("select error(" ~ mallard._literal("mallard: setting mallard_publish is " ~ tojson(files) ~ ": give it as {<target>: <file>, ...}.") ~ ")") }}
    {%- endif -%}
    {%- set file = files.get(target.name) -%}
    {%- set failed = results | selectattr('status', 'in', ['error', 'fail', 'runtime error', 'partial success']) | list -%}
    {%- set relations = mallard._to_publish(results) if execute and file else [] -%}
    {%- if failed and relations -%}
        {%- do log('mallard: ' ~ file ~ ' stays as it is, because ' ~ (failed | length) ~ ' of the nodes failed.', info=true) -%}
    {%- elif file and not relations and invocation_args_dict.which in ['run', 'build', 'retry'] -%}
        {%- do log('mallard: ' ~ file ~ ' stays as it is, because this run made none of the public tables.', info=true) -%}
    {%- elif relations -%}
        {%- call statement('publish', language='python') -%}
import json

from mallard import dbt_model

{{ mallard._python_step() }}
    dbt_model.publish_tables(session, **json.loads({{ tojson(tojson({'tables': relations, 'file': file, 'run_id': invocation_id, 'copies': copies})) }}))
    return session.sql("select 1")
        {%- endcall -%}
        {%- set refusal = run_query('select refusal from mallard__published')[0][0] -%}
        {{ 'select error(' ~ mallard._literal('mallard: ' ~ refusal) ~ ')' if refusal is not none }}
    {%- endif -%}
{%- endmacro %}

{# The tables of public models and of segmentations, if the run made one of them. #}
{% macro _to_publish(results) -%}
    {%- set built = results | selectattr('status', 'in', ['success', 'error']) | map(attribute='node.unique_id') | list -%}
    {%- set relations = [] -%}
    {%- set made = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and (node.config.materialized == 'segmentation' or node.access == 'public') -%}
        {%- set relation = load_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) -%}
        {%- if relation -%}
            {%- set sides = [mallard.metrics(relation), mallard.profiles(relation), mallard.centroids(relation)] if node.config.materialized == 'segmentation' else [] -%}
            {%- for table in [relation] + sides -%}
                {%- do relations.append([table.database, table.schema, table.identifier]) -%}
            {%- endfor -%}
            {%- if node.unique_id in built -%} {%- do made.append(node.unique_id) -%} {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(relations if made else []) }}
{%- endmacro %}
