{# What the setting `history_days` doesn't keep: rows of earlier builds, and of versions that gave way before. #}
{% macro _forget_old_rows(segmentation, plan) -%}
    {%- set days = plan.settings.history_days -%}
    {%- if days is not none -%}
        {%- set earliest = mallard._this_moment() ~ ' - interval ' ~ days ~ ' days' -%}
        {%- set versions = mallard._own_table_beside(segmentation, 'versions') -%}
        {%- set kept -%}
            select version from (select version, lead(fitted_at) over (order by version asc) as replaced_at from {{ versions }})
            where replaced_at is null or replaced_at >= {{ earliest }}
        {%- endset -%}
        {%- for name in mallard._tables_beside() if name != 'versions' and mallard._table(name).keeps -%}
            {%- set is_old = 'version not in (' ~ kept ~ ')' if mallard._table(name).keeps == 'versions' else 'built_at < ' ~ earliest -%}
            {%- do run_query('delete from ' ~ mallard._own_table_beside(segmentation, name) ~ ' where ' ~ is_old) -%}
        {%- endfor -%}
        {%- do run_query('delete from ' ~ versions ~ ' where version not in (' ~ kept ~ ')') -%}
    {%- endif -%}
{%- endmacro %}
