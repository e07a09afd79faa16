{# The tables of public models and of segmentations, if the run made one of them. A retry finishes a run that may have made some. #}
{% macro _tables_to_publish(results) -%}
    {%- set built = results | selectattr('status', 'in', ['success', 'error']) | map(attribute='node.unique_id') | list -%}
    {%- set tables = [] -%}
    {%- set made = ['retry'] if invocation_args_dict.which == 'retry' else [] -%}
    {%- for node in graph.nodes.values() if node.config.materialized == 'segmentation' or node.access == 'public' -%}
        {%- set is_segmentation = node.config.materialized == 'segmentation' -%}
        {%- set settings = node.config.meta if is_segmentation else {} -%}
        {%- set settings = node.config.meta.get('mallard', settings) -%}
        {%- set published = mallard._published_tables(settings, strict=false) -%}
        {%- set excluded = settings.get('publish_exclude') or [] if settings is mapping else [] -%}
        {%- set relation = load_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) -%}
        {%- if relation and published -%}
            {%- if node.unique_id in built -%} {%- do made.append(node.unique_id) -%} {%- endif -%}
            {%- set there = ['customers'] + (mallard._tables_asked_for(settings) if is_segmentation else []) -%}
            {%- set of_node = mallard._tables_of(relation) if is_segmentation else {'customers': relation} -%}
            {%- for name, table in of_node.items() if name in published and name in there -%}
                {%- set described = mallard._meanings_of_node(node, name) -%}
                {%- do tables.append({
                    'database': table.database,
                    'schema': table.schema,
                    'name': table.identifier,
                    'description': described.table,
                    'columns': described.columns,
                    'exclude': excluded if name == 'customers' else mallard._state_to_leave_out(name, settings, published)
                }) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(tables if made else []) }}
{%- endmacro %}

{# What people read about a table that has no comments in the warehouse. #}
{% macro _meanings_of_node(node, name) -%}
    {%- if node.config.materialized == 'segmentation' -%}
        {{ return(mallard._meanings(name, node if name == 'customers' else none)) }}
    {%- endif -%}
    {%- set columns = {} -%}
    {%- for column in node.columns.values() -%} {%- do columns.update({column.name: column.description}) -%} {%- endfor -%}
    {{ return({'table': node.description, 'columns': columns}) }}
{%- endmacro %}

{# What the setting `publish` chooses. Strictly, while the model is built, a table that there isn't is refused. #}
{% macro _published_tables(meta, strict=true) -%}
    {%- set all = ['customers'] + mallard._tables_beside() -%}
    {%- set chosen = meta.get('publish', true) if meta is mapping else true -%}
    {%- if chosen is boolean or chosen is string or chosen is not sequence -%}
        {{ return(all if chosen else []) }}
    {%- endif -%}
    {%- for name in chosen if strict and name not in all -%}
        {%- do mallard._refuse('publish', chosen, 'choose from ' ~ all | join(', ')) -%}
    {%- endfor -%}
    {%- for name in ['centroids', 'rules'] if strict and meta.suppress_below and name in chosen and 'customers' not in chosen -%}
        {%- do mallard._refuse(
            'publish', chosen,
            'leave ' ~ name ~ ' out, because suppress_below is set, and they say of every segment where it is, however small'
        ) -%}
    {%- endfor -%}
    {%- if strict and mallard._are_given_by_rules(meta) and 'centroids' in chosen and 'rules' not in chosen -%}
        {%- do mallard._refuse('publish', chosen, 'add rules, because they give the segments, and the nearest centroids do not') -%}
    {%- endif -%}
    {{ return(chosen) }}
{%- endmacro %}

{# What a table keeps for later builds is exact. Where figures of few customers are hidden, and no table has the customers themselves, it
   isn't published. #}
{% macro _state_to_leave_out(name, settings, published) -%}
    {%- set hides = settings is mapping and settings.get('suppress_below') and 'customers' not in published -%}
    {{ return(mallard._table(name).get('state', []) if hides and name in mallard._tables_beside() else []) }}
{%- endmacro %}
