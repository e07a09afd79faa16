{# What has a segmentation of its own, by what `stored_version` gave: all customers, or those of each group. A part has
     group       its name; none of all customers
     customers   its customers in the segmentation, a relation or a query in brackets
     stored      its version #}
{% macro _stored_parts(segmentation, stored) -%}
    {%- if not stored.groups -%}
        {{ return([{'group': none, 'customers': segmentation, 'stored': stored}]) }}
    {%- endif -%}
    {%- set parts = [] -%}
    {%- for group, version in stored.groups.items() -%}
        {%- do parts.append({
            'group': group,
            'customers': '(select * from ' ~ segmentation ~ ' where ' ~ mallard._is_of_group(group) ~ ')',
            'stored': version,
        }) -%}
    {%- endfor -%}
    {{ return(parts) }}
{%- endmacro %}

{# The part that the argument `group` of a macro names, which takes one: all customers, or one of the groups. #}
{% macro _named_part(segmentation, stored, group, what) -%}
    {%- do mallard._check_group(segmentation, stored, group) -%}
    {%- if stored.groups and group is none -%}
        {%- do mallard._stop(
            segmentation.identifier ~ ' has groups with a segmentation each, and ' ~ what ~ ' is about one of them: give it group, one of '
            ~ stored.groups | join(', ') ~ '.'
        ) -%}
    {%- endif -%}
    {%- for part in mallard._stored_parts(segmentation, stored) if group is none or part.group == group | string -%}
        {{ return(part) }}
    {%- endfor -%}
{%- endmacro %}

{# Stop unless a group, if there is one, is one of the segmentation. #}
{% macro _check_group(segmentation, stored, group) -%}
    {%- if group is not none and not stored.groups -%}
        {%- do mallard._refuse('group', group, segmentation.identifier ~ ' has no groups; leave it out') -%}
    {%- elif group is not none and group | string not in stored.groups -%}
        {%- do mallard._refuse(
            'group', group, segmentation.identifier ~ ' has no such group; choose from ' ~ stored.groups | join(', ')
        ) -%}
    {%- endif -%}
{%- endmacro %}

{# Queries for each part as one for all of them. #}
{% macro _of_all_parts(queries) -%}
    {{ return('select * from (' ~ queries | join(')\n    union all\n    select * from (') ~ ')') }}
{%- endmacro %}

{# The column of the group, as it begins the select list of a query about a part; nothing about all customers. #}
{% macro _group_of_part(part) -%}
    {{ return(mallard._literal(part.group) ~ ' as "group",' if part.group is not none else '') }}
{%- endmacro %}
