{# The names of the tables beside a segmentation belong to nothing else: no node or source of the project, and no table or view that a
   segmentation didn't make. #}
{% macro _check_names_are_free(segmentation, meta) -%}
    {%- set nodes = [] -%}
    {%- for node in graph.nodes.values() | list + graph.sources.values() | list -%}
        {#- An ephemeral model has a name, but no table. -#}
        {%- if node.resource_type in ['model', 'seed', 'snapshot', 'source'] and node.config.materialized != 'ephemeral' -%}
            {%- do nodes.append(node) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name in mallard._tables_asked_for(meta) -%}
        {%- set table = mallard._own_table_beside(segmentation, name) -%}
        {%- set taken = ', which is the name of the table of ' ~ name ~ ' beside ' ~ segmentation.identifier -%}
        {%- for node in nodes -%}
            {%- set identifier = node.identifier if node.resource_type == 'source' else node.alias -%}
            {%- if mallard._same_name(node.database, table.database) and mallard._same_name(node.schema, table.schema) -%}
                {%- if mallard._same_name(identifier, table.identifier) -%}
                    {%- do mallard._stop(
                        node.resource_type ~ ' ' ~ node.name ~ ' is called ' ~ table.identifier ~ taken ~ ': give it another name.'
                    ) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set existing = load_cached_relation(table) -%}
        {%- if existing and not mallard._was_made_by_a_segmentation(existing, name) -%}
            {%- do mallard._stop(
                'there is a ' ~ existing.type ~ ' ' ~ table.identifier ~ taken ~ ', and no segmentation made it: '
                ~ 'rename it, or give the model another alias.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{# DuckDB ignores the case of names. #}
{% macro _same_name(name, other) -%}
    {{ return((name or '') | lower == (other or '') | lower) }}
{%- endmacro %}

{# What a segmentation is made of. #}
{% macro _type_of_tables() -%}
    {{ return('view' if target.type == 'spark' else 'table') }}
{%- endmacro %}

{# A table with no other columns than the register has for it, and with five of these, or half if that is fewer: an earlier version may have
   had far fewer. #}
{% macro _was_made_by_a_segmentation(existing, name) -%}
    {%- if existing.type != mallard._type_of_tables() -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set ours = mallard._table(name).columns | list -%}
    {%- set found = adapter.get_columns_in_relation(existing) | map(attribute='name') | map('lower') | reject('eq', 'group') | list -%}
    {{ return(found | reject('in', ours) | list | length == 0 and found | length >= [5, ours | length / 2] | min) }}
{%- endmacro %}
