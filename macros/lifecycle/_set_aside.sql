{# The customers of the build before, under another name until this build is done; none without history. #}
{% macro _set_aside(existing, stored) -%}
    {%- if not existing or not stored -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set before = make_backup_relation(existing, existing.type) -%}
    {{ drop_relation_if_exists(load_cached_relation(before)) }}
    {%- do adapter.rename_relation(existing, before) -%}
    {{ return(before) }}
{%- endmacro %}
