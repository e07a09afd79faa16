{# What the setting `history_days` doesn't keep: rows of earlier builds, and of versions that gave way before. #}
{% macro _forget_old_rows(segmentation, days, is_by_group) -%}
    {%- set versions = mallard._own_table_beside(segmentation, 'versions') -%}
    {%- for name in mallard._tables_beside() | reject('eq', 'versions') | list + ['versions'] if mallard._table(name).keeps -%}
        {%- set is_old = mallard._is_old(name, days, versions, is_by_group) -%}
        {%- do mallard._query('delete from ' ~ mallard._own_table_beside(segmentation, name) ~ ' where ' ~ is_old) -%}
    {%- endfor -%}
{%- endmacro %}

{# Whether a row of a table belongs to a build, or to a version that gave way, more than so many days ago. #}
{% macro _is_old(name, days, versions, is_by_group=false) -%}
    {%- set earliest = mallard._this_moment() ~ ' - interval ' ~ days ~ ' days' -%}
    {%- if mallard._table(name).keeps == 'builds' -%}
        {{ return('built_at < ' ~ earliest) }}
    {%- endif -%}
    {%- if is_by_group -%}
        {{ return(mallard._is_old_in_its_group(versions, earliest)) }}
    {%- endif -%}
    version not in (
        select version from (select version, lead(fitted_at) over (order by version asc) as replaced_at from {{ versions }})
        where replaced_at is null or replaced_at >= {{ earliest }}
    )
{%- endmacro %}

{# The same among the versions of the group of the row. Digests, because texts are compared exactly then. #}
{% macro _is_old_in_its_group(versions, earliest) -%}
    (md5("group"), version) not in (
        select of_group, version
        from (
            select
                md5("group") as of_group,
                version,
                lead(fitted_at) over (partition by md5("group") order by version asc) as replaced_at
            from {{ versions }}
        )
        where replaced_at is null or replaced_at >= {{ earliest }}
    )
{%- endmacro %}
