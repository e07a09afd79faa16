{# A table beside a segmentation. dbt clone makes a view of the segmentation alone, so the tables beside it are those of what it shows. #}
{% macro _beside(segmentation, name) -%}
    {%- if execute and not segmentation.schema -%}
        {%- do mallard._stop(
            'a fixture of a unit test has no table of ' ~ name ~ ' beside it: override the macro mallard.' ~ name
            ~ ' in the unit test.'
        ) -%}
    {%- endif -%}
    {{ return(mallard._own_table_beside(mallard._shown_by_clone(segmentation) or segmentation, name)) }}
{%- endmacro %}

{# The rows of the current version in a table that keeps those of earlier ones; of that of each group, if there are groups. This stands in
   models, too, so it is SQL that every target knows: without quotation marks, and with a text compared exactly by its digest. #}
{% macro _current_rows(segmentation, name) -%}
    {%- set table = mallard._beside(segmentation, name) -%}
    {%- if mallard._has_groups(table) -%}
        {%- set last = 'select max(version) from ' ~ table ~ ' as mallard__all where md5(mallard__all.group) = md5(mallard__rows.group)' -%}
        {{ return('(select * from ' ~ table ~ ' as mallard__rows where version = (' ~ last ~ '))') }}
    {%- endif -%}
    {{ return(mallard._of_last_version(table)) }}
{%- endmacro %}

{% macro _of_last_version(table) -%}
    {{ return('(select * from ' ~ table ~ ' where version = (select max(version) from ' ~ table ~ '))') }}
{%- endmacro %}

{# The table that a build of a segmentation makes. #}
{% macro _own_table_beside(segmentation, name) -%}
    {%- set identifier = segmentation.identifier ~ '__' ~ name -%}
    {{ return(api.Relation.create(database=segmentation.database, schema=segmentation.schema, identifier=identifier, type='table')) }}
{%- endmacro %}

{# The table that a view shows, if it is a plain `select * from` one table and nothing else, as dbt clone makes them on DuckDB. #}
{% macro _shown_by_clone(relation) -%}
    {{ return(adapter.dispatch('_shown_by_clone', 'mallard')(relation)) }}
{%- endmacro %}

{% macro spark___shown_by_clone(relation) -%}
    {{ return(none) }}
{%- endmacro %}

{% macro default___shown_by_clone(relation) -%}
    {%- set existing = load_cached_relation(relation) if execute and relation is not string else none -%}
    {%- if existing and existing.type == 'view' -%}
        {%- set query -%}
            with statements as (
                select json_serialize_sql(regexp_replace(sql, '^.*? AS (SELECT|FROM)', '\1', 's')) as parsed
                from duckdb_views()
                where
                    database_name = {{ mallard._literal(existing.database) }}
                    and schema_name = {{ mallard._literal(existing.schema) }}
                    and view_name = {{ mallard._literal(existing.identifier) }}
            )

            select
                parsed ->> '$.statements[0].node.from_table.catalog_name' as "database",
                parsed ->> '$.statements[0].node.from_table.schema_name' as "schema",
                parsed ->> '$.statements[0].node.from_table.table_name' as "identifier"
            from statements
            where
                parsed ->> '$.statements[0].node.from_table.type' = 'BASE_TABLE'
                and parsed ->> '$.statements[0].node.where_clause' is null
                and parsed ->> '$.statements[0].node.select_list[0].class' = 'STAR'
                and json_array_length(parsed, '$.statements[0].node.select_list') = 1
                and json_array_length(parsed, '$.statements[0].node.select_list[0].exclude_list') = 0
                and json_array_length(parsed, '$.statements[0].node.select_list[0].replace_list') = 0
                and json_array_length(parsed, '$.statements[0].node.modifiers') = 0
                and parsed ->> '$.statements[0].node.sample' is null
                and parsed ->> '$.statements[0].node.from_table.sample' is null
        {%- endset -%}
        {%- for row in mallard._query(query) -%}
            {%- set shown = api.Relation.create(
                database=row['database'] or existing.database,
                schema=row['schema'] or existing.schema,
                identifier=row['identifier']
            ) -%}
            {{ return(mallard._shown_by_clone(shown) or shown) }}
        {%- endfor -%}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
