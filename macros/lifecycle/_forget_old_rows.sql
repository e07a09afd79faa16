{# What the setting `history_days` doesn't keep: rows of earlier builds, and of versions that gave way before. #}
{% macro _forget_old_rows(whole) -%}
    {%- set versions = mallard._own_table_beside(whole.segmentation, 'versions') -%}
    {%- set others = mallard._tables_asked_for(whole.meta) | reject('eq', 'versions') | list -%}
    {%- for name in others + ['versions'] if mallard._table(name).keeps -%}
        {%- set is_old = mallard._is_old(name, whole.history_days, versions, mallard._is_by_group(whole.meta)) -%}
        {%- do mallard._query('delete from ' ~ mallard._own_table_beside(whole.segmentation, name) ~ ' where ' ~ is_old) -%}
    {%- endfor -%}
{%- endmacro %}

{# Whether a row of a table belongs to a build, or to a version that gave way, more than so many days ago. #}
{% macro _is_old(name, days, versions, is_by_group=false) -%}
    {%- set earliest = mallard._this_moment() ~ ' - interval ' ~ days ~ ' days' -%}
    {%- if mallard._table(name).keeps == 'builds' -%}
        {{ return('built_at < ' ~ earliest) }}
    {%- endif -%}
    {#- Groups are compared by digests, that is, exactly. -#}
    {%- set key, partition = ('md5("group"), version', 'partition by md5("group") ') if is_by_group else ('version', '') -%}
    ({{ key }}) not in (
        select {{ key }} from (select *, lead(fitted_at) over ({{ partition }}order by version asc) as replaced_at from {{ versions }})
        where replaced_at is null or replaced_at >= {{ earliest }}
    )
{%- endmacro %}
