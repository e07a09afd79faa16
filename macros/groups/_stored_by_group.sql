{# The versions of all groups, as `stored_version` gives them: by the name of the group, with the column whose values are groups, and the
   group that small ones are pooled in, which is none if none is. A group that is gone gives segments by its last version; one that is
   pooled by now doesn't. `found` has the current version of each; `version` is the number of another, or numbers by group. #}
{% macro _stored_by_group(segmentation, found, version=none) -%}
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
    {%- set found = found | rejectattr('group', 'in', pooled) | list -%}
    {%- set found = mallard._in_these_versions(segmentation, found, version) if version is not none else found -%}
    {%- set versions = mallard._stored(segmentation, found) -%}
    {%- for version in versions.values() -%} {%- do columns.update(version.columns) -%} {%- endfor -%}
    {{ return({'group_by': group_by, 'pool': pools[-1], 'columns': columns, 'groups': versions}) }}
{%- endmacro %}

{# The groups found in other versions than the current ones: in the version of a number, or, by the name of a group, in those of several
   numbers, and the groups that these leave out in the current one. #}
{% macro _in_these_versions(segmentation, found, version) -%}
    {%- set groups, numbers, conditions = found | map(attribute='group') | list, {}, [] -%}
    {%- for group, number in (version.items() if version is mapping else []) -%}
        {%- if group | string not in groups -%}
            {%- do mallard._stop(
                'version names group ' ~ mallard._shortened(group) ~ ', which ' ~ segmentation.identifier ~ " hasn't: choose from "
                ~ groups | join(', ') ~ '.'
            ) -%}
        {%- endif -%}
        {%- do numbers.update({group | string: number}) -%}
    {%- endfor -%}
    {%- for stored in found -%}
        {%- set number = numbers.get(stored.group, stored.number) if version is mapping else version -%}
        {%- do numbers.update({stored.group: number}) -%}
        {%- do conditions.append(mallard._is_version(stored.group, number)) if (number | string).isdigit() -%}
    {%- endfor -%}
    {%- set in_these = mallard._load_versions(segmentation, conditions | join(' or ') or 'false', has_groups=true) -%}
    {%- for group in groups if group not in in_these | map(attribute='group') | list -%}
        {%- set of_group = mallard.versions(segmentation) ~ ' where ' ~ mallard._is_of_group(group) -%}
        {%- set query = 'select version from ' ~ of_group ~ ' order by 1 asc' -%}
        {%- do mallard._stop(
            'group ' ~ group ~ ' of ' ~ segmentation.identifier ~ ' has no version ' ~ mallard._shortened(numbers[group]) ~ ': choose from '
            ~ mallard._query(query).columns[0].values() | join(', ') ~ ', and give versions by group, such as ' ~ tojson({group: 1}) ~ '.'
        ) -%}
    {%- endfor -%}
    {{ return(in_these) }}
{%- endmacro %}

{# The column that gave the groups of the last build. #}
{% macro _column_of_groups(segmentation, found) -%}
    {%- set query -%}
        select {{ mallard._digits_of('max_by("group", build)') }} as "group_name" from {{ mallard.builds(segmentation) }}
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
