{# Where the history of a segmentation is: beside itself; if it has none, beside the one that `first_version_from` names, or that dbt clone
   shows in its place. None for a segmentation that begins. #}
{% macro _history(segmentation, existing, meta) -%}
    {%- if not execute or flags.EMPTY -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set remains = {} -%}
    {%- for name in mallard._tables_beside() if mallard._table(name).keeps -%}
        {%- set table = load_cached_relation(mallard._own_table_beside(segmentation, name)) -%}
        {%- set columns = adapter.get_columns_in_relation(table) | map(attribute='name') | map('lower') | list if table else [] -%}
        {%- if 'version' in columns -%} {%- do remains.update({name: columns}) -%} {%- endif -%}
    {%- endfor -%}
    {%- if 'versions' in remains and mallard._has_rows(mallard._own_table_beside(segmentation, 'versions')) -%}
        {%- for name in ['centroids', 'profiles'] if name not in remains -%}
            {%- do mallard._stop_without_history(segmentation, name) -%}
        {%- endfor -%}
        {%- do mallard._check_history_has_groups(segmentation, meta, 'group' in remains.versions) -%}
        {{ return(segmentation) }}
    {%- endif -%}
    {%- for name in remains if name != 'versions' -%}
        {%- if mallard._has_rows(mallard._own_table_beside(segmentation, name)) -%}
            {%- do mallard._stop_without_history(segmentation, 'versions') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set named = mallard._relation_called(meta.first_version_from) if meta is mapping and meta.first_version_from is string else none -%}
    {%- if named and not mallard._is_same_relation(named, segmentation) -%}
        {%- do mallard._check_has_versions(named, meta.first_version_from) -%}
        {%- do mallard._check_history_has_groups(named, meta) -%}
        {{ return(named) }}
    {%- endif -%}
    {%- set shown = mallard._shown_by_clone(existing) if existing else none -%}
    {%- if shown and load_relation(mallard._own_table_beside(shown, 'versions')) -%}
        {%- do mallard._check_history_has_groups(shown, meta) -%}
        {{ return(shown) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{% macro _stop_without_history(segmentation, name) -%}
    {%- do mallard._stop(
        'the table ' ~ segmentation.identifier ~ '__' ~ name ~ ' is gone, without which segments would get other ids: restore it, or '
        ~ 'begin anew with dbt run-operation mallard.forget_history --args ' ~ "'{segmentation: " ~ segmentation.identifier ~ "}'."
    ) -%}
{%- endmacro %}

{# The relation that somebody writes as [[database.]schema.]name. #}
{% macro _relation_called(text) -%}
    {%- set parts = text.split('.') -%}
    {{ return(api.Relation.create(
        database=parts[-3] if parts | length > 2 else this.database,
        schema=parts[-2] if parts | length > 1 else this.schema,
        identifier=parts[-1]
    )) }}
{%- endmacro %}

{% macro _is_same_relation(one, other) -%}
    {{ return(
        mallard._same_name(one.database, other.database) and mallard._same_name(one.schema, other.schema)
        and mallard._same_name(one.identifier, other.identifier)
    ) }}
{%- endmacro %}

{% macro _check_has_versions(named, text) -%}
    {%- set versions = mallard._own_table_beside(named, 'versions') -%}
    {%- if not load_relation(versions) or not mallard._has_rows(versions) -%}
        {%- do mallard._refuse('first_version_from', text, 'there is no version of it; build it first, or remove the setting') -%}
    {%- endif -%}
{%- endmacro %}

{# A model that was renamed leaves its history under the old name. #}
{% macro _check_was_not_renamed(segmentation, matters) -%}
    {%- set built = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' -%} {%- do built.append(node.alias | lower) -%} {%- endfor -%}
    {%- for table in mallard._names_ending_in_versions(segmentation) | sort -%}
        {%- set name = table[:-10] -%}
        {%- set versions = mallard._own_table_beside(segmentation.incorporate(path={'identifier': name}), 'versions') -%}
        {%- if name | lower not in built and mallard._was_made_by_a_segmentation(load_cached_relation(versions), 'versions') -%}
            {%- for last in mallard._query('select settings from ' ~ versions ~ ' order by version desc limit 1') -%}
                {%- if fromjson(last[0]).columns == fromjson(matters).columns -%}
                    {%- do mallard._stop(
                        name ~ ', which no model makes, has a history and the same features. If ' ~ segmentation.identifier
                        ~ ' is its new name, set first_version_from to ' ~ name ~ '; otherwise, to ' ~ segmentation.identifier ~ '.'
                    ) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{# Tables of the schema that are called so. #}
{% macro _names_ending_in_versions(segmentation) -%}
    {{ return(adapter.dispatch('_names_ending_in_versions', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default___names_ending_in_versions(segmentation) -%}
    {%- set query -%}
        select table_name as "table_name"
        from duckdb_tables()
        where
            database_name = {{ mallard._literal(segmentation.database) }}
            and schema_name = {{ mallard._literal(segmentation.schema) }}
            and ends_with(table_name, '__versions')
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{%- endmacro %}

{% macro spark___names_ending_in_versions(segmentation) -%}
    {{ return(mallard._find_names(segmentation, '*__versions') | reject('in', mallard._find_names(segmentation, 'mallard__*')) | list) }}
{%- endmacro %}

{# A segmentation that begins with the version of another gets copies of what stands beside that one, as far as it belongs to versions. #}
{% macro _copy_history(history, segmentation) -%}
    {{ return(adapter.dispatch('_copy_history', 'mallard')(history, segmentation)) }}
{%- endmacro %}

{# The tables of a run begin with the rows of the history. #}
{% macro spark___copy_history(history, segmentation) -%}
{%- endmacro %}

{% macro default___copy_history(history, segmentation) -%}
    {%- for name in mallard._tables_beside() if mallard._table(name).keeps == 'versions' or mallard._table(name).made_by == 'fit' -%}
        {%- set theirs = load_relation(mallard._own_table_beside(history, name)) -%}
        {%- if theirs -%}
            {%- set ours = mallard._own_table_beside(segmentation, name) -%}
            {%- do mallard._query('create or replace table ' ~ ours ~ ' as from ' ~ theirs) -%}
            {%- do adapter.cache_added(ours) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
