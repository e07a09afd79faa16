{# The customers of the build before, under another name until this build is done; none without history, and after dbt build --empty. Those
   of a group are a copy already. #}
{% macro _set_aside(part, stored) -%}
    {%- if not part.built or not stored or not mallard._has_rows(part.built) -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(part.built if part.group is not none else adapter.dispatch('_set_aside', 'mallard')(part.built)) }}
{%- endmacro %}

{# They stay where they are: this run has tables of its own. #}
{% macro spark___set_aside(existing) -%}
    {{ return(existing) }}
{%- endmacro %}

{% macro default___set_aside(existing) -%}
    {%- set before = make_backup_relation(existing, existing.type) -%}
    {{ drop_relation_if_exists(load_cached_relation(before)) }}
    {%- if mallard._has_indexes(existing) -%}
        {#- In the transaction that renames it, DuckDB still looks for what its indexes are of under the old name. -#}
        {%- do mallard._query('create table ' ~ before ~ ' as from ' ~ existing) -%}
        {%- do adapter.cache_added(before) -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- else -%}
        {%- do adapter.rename_relation(existing, before) -%}
    {%- endif -%}
    {{ return(before) }}
{%- endmacro %}

{# What a build does with them once it is done. #}
{% macro _forget_set_aside(before) -%}
    {{ return(adapter.dispatch('_forget_set_aside', 'mallard')(before)) }}
{%- endmacro %}

{% macro default___forget_set_aside(before) -%}
    {%- do adapter.drop_relation(before) -%}
{%- endmacro %}

{% macro spark___forget_set_aside(before) -%}
{%- endmacro %}

{# Whether a relation has the segments of a history: it is where the history is, or shows what is there, and has what a build writes. What
   has the name of a segmentation can be another model's table, or have ids of its own. #}
{% macro _is_build_of(existing, history) -%}
    {%- set source = mallard._shown_by_clone(existing) or existing -%}
    {%- set columns = adapter.get_columns_in_relation(existing) | map(attribute='name') | map('lower') | list -%}
    {{ return(mallard._is_same_relation(source, history) and mallard._added_columns() | reject('in', columns) | list | length == 0) }}
{%- endmacro %}

{% macro _has_indexes(relation) -%}
    {%- set query -%}
        select 1
        from duckdb_indexes()
        where
            database_name = {{ mallard._literal(relation.database) }}
            and schema_name = {{ mallard._literal(relation.schema) }}
            and table_name = {{ mallard._literal(relation.identifier) }}
        limit 1
    {%- endset -%}
    {{ return(mallard._query(query) | length > 0) }}
{%- endmacro %}
