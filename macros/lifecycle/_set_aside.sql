{# The customers of the build before, under another name until this build is done; none without history, after dbt build --empty, and where
   what has the name of the segmentation is no build of that history: another model's table, or one with ids of its own. #}
{% macro _set_aside(existing, stored, history) -%}
    {%- if not existing or not stored or not mallard._is_build_of(existing, history) -%}
        {{ return(none) }}
    {%- endif -%}
    {%- if not run_query('select 1 from ' ~ existing ~ ' limit 1') | length -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set before = make_backup_relation(existing, existing.type) -%}
    {{ drop_relation_if_exists(load_cached_relation(before)) }}
    {%- do drop_indexes_on_relation(existing) -%}
    {%- do adapter.rename_relation(existing, before) -%}
    {{ return(before) }}
{%- endmacro %}

{# Whether a relation has the segments of a history: it is where the history is, or shows what is there, and has what a build writes. #}
{% macro _is_build_of(existing, history) -%}
    {%- set source = mallard._shown_by_clone(existing) or existing -%}
    {%- set columns = adapter.get_columns_in_relation(existing) | map(attribute='name') | map('lower') | list -%}
    {{ return(mallard._is_same_relation(source, history) and mallard._added_columns() | reject('in', columns) | list | length == 0) }}
{%- endmacro %}
