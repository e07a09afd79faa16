{# The customers of the build before, under another name until this build is done; none without history, and after dbt build --empty. #}
{% macro _set_aside(existing, stored) -%}
    {%- if not existing or not stored or not run_query('select 1 from ' ~ existing ~ ' limit 1') | length -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set before = make_backup_relation(existing, existing.type) -%}
    {{ drop_relation_if_exists(load_cached_relation(before)) }}
    {%- do drop_indexes_on_relation(existing) -%}
    {%- do adapter.rename_relation(existing, before) -%}
    {{ return(before) }}
{%- endmacro %}
