{# The versions of all groups, as `stored_version` gives them: by the name of the group, with the column whose values are groups, and the
   group that small ones are pooled in, which is none if none is. A group that is gone gives segments by its last version; one that is
   pooled by now doesn't. #}
{% macro _stored_by_group(segmentation, found) -%}
    {%- set group_by = mallard._column_of_groups(segmentation, found) -%}
    {%- set columns = {group_by: mallard._type_of_groups(segmentation, group_by)} -%}
    {%- set pooled, pools = [], [none] -%}
    {%- set value = mallard._value_of_group(group_by) -%}
    {%- set query -%}
        select distinct {{ mallard._digits_of(value) }} as "value", {{ mallard._digits_of('"group"') }} as "pool"
        from {{ mallard._with_all_rows(segmentation) }}
        where {{ value }} <> "group" collate posix
    {%- endset -%}
    {%- for row in mallard._query(query) -%}
        {%- do pooled.append(mallard._digits(row['value'])) -%}
        {%- do pools.append(mallard._digits(row['pool'])) -%}
    {%- endfor -%}
    {%- set versions = mallard._stored(segmentation, found | rejectattr('group', 'in', pooled) | list) -%}
    {%- for version in versions.values() -%} {%- do columns.update(version.columns) -%} {%- endfor -%}
    {{ return({'group_by': group_by, 'pool': pools[-1], 'columns': columns, 'groups': versions}) }}
{%- endmacro %}

{# The column that gave the groups of the last build. #}
{% macro _column_of_groups(segmentation, found) -%}
    {%- set query -%}
        select {{ mallard._digits_of('max_by("group", built_at)') }} as "group_name" from {{ mallard.builds(segmentation) }}
    {%- endset -%}
    {%- set last = mallard._digits(mallard._query(query)[0]['group_name']) -%}
    {{ return((found | selectattr('group', 'eq', last) | first).plan.settings.group_by) }}
{%- endmacro %}

{% macro _type_of_groups(segmentation, group_by) -%}
    {%- for column in adapter.get_columns_in_relation(segmentation) if column.name | lower == group_by | lower -%}
        {{ return(column.dtype) }}
    {%- endfor -%}
    {%- do mallard._stop(
        'the groups of ' ~ segmentation.identifier ~ ' were values of column ' ~ group_by ~ ', which it has no more: build it with '
        ~ '--full-refresh.'
    ) -%}
{%- endmacro %}
