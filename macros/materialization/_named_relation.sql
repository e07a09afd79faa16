{# The relation that a setting names, as dbt resolves it, if the segmentation depends on it: a model, seed, snapshot or source. #}
{% macro _named_relation(setting, meta) -%}
    {%- set name = meta[setting] if meta is mapping else none -%}
    {%- set found = [] -%}
    {%- for id in model.depends_on.nodes if name is string -%}
        {%- set node = graph.nodes.get(id) or graph.sources.get(id) -%}
        {%- if node and name in mallard._names_of(node) -%} {%- do found.append(node) -%} {%- endif -%}
    {%- endfor -%}
    {%- if not found -%}
        {%- do mallard._check_is_read(setting, name) -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set node = found[0] -%}
    {%- if found | length > 1 -%}
        {%- set several = [] -%}
        {%- for one in found -%} {%- do several.append(mallard._names_of(one)[-1]) -%} {%- endfor -%}
        {%- do mallard._refuse(setting, name, 'the select depends on several of this name; choose one of ' ~ several | join(', ')) -%}
    {%- elif node.resource_type == 'source' -%}
        {{ return(source(node.source_name, node.name)) }}
    {%- elif node.config.materialized == 'ephemeral' -%}
        {%- do mallard._refuse(setting, name, 'it is ephemeral, so there is no table to read; make it a view or a table') -%}
    {%- endif -%}
    {{ return(ref(node.package_name, node.name, v=node.get('version'))) }}
{%- endmacro %}

{# What a setting may call a node; the last is its own, if it is a version of a model. #}
{% macro _names_of(node) -%}
    {{ return([node.name, node.name ~ '.v' ~ node.version] if node.get('version') is not none else [node.name]) }}
{%- endmacro %}

{# Stop if a setting names something of the project that the select doesn't depend on, or a table beside a segmentation. #}
{% macro _check_is_read(setting, name) -%}
    {%- for node in graph.nodes.values() | list + graph.sources.values() | list if name is string and name -%}
        {%- if node.resource_type in ['model', 'seed', 'snapshot', 'source'] and name in mallard._names_of(node) -%}
            {%- set version = ', v=' ~ node.version if node.get('version') is not none else '' -%}
            {%- set call = "ref('" ~ node.name ~ "'" ~ version ~ ')' -%}
            {%- if node.resource_type == 'source' -%}
                {%- set call = "source('" ~ node.source_name ~ "', '" ~ node.name ~ "')" -%}
            {%- endif -%}
            {%- set remedy = 'write -- depends_on: {{ ' ~ call ~ ' }} above the select, so that dbt builds it first' -%}
            {%- do mallard._refuse(setting, name, remedy) -%}
        {%- endif -%}
        {%- for table in mallard._tables_beside() if node.config.materialized == 'segmentation' -%}
            {%- if mallard._same_name(name, node.alias ~ '__' ~ table) -%}
                {%- set of = 'it is the table of ' ~ table ~ ' beside ' ~ node.name -%}
                {%- set remedy = "name a model that makes one row per segment of {{ mallard.centroids(ref('" ~ node.name ~ "')) }}" -%}
                {%- do mallard._refuse(setting, name, of ~ ', not one row per segment; ' ~ remedy) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
