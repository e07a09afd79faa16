{# The versions that the last build replaced, as _load_versions gives them: at most one, or one of each group. #}
{% macro _versions_before(segmentation) -%}
    {%- set builds = mallard.builds(segmentation) -%}
    {%- if not execute or not load_relation(builds) -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set has_groups, conditions = mallard._has_groups(builds), [] -%}
    {%- set query -%}
        select
            {{ mallard._digits_of('"group"' if has_groups else 'null') }} as "group_name",
            version - 1 as "version"
        from {{ builds }}
        qualify is_fit and version > 1 and build = max(build) over ({{ 'partition by "group"' if has_groups }})
    {%- endset -%}
    {%- for row in mallard._query(query) -%}
        {%- do conditions.append(mallard._is_version(mallard._digits(row['group_name']), row['version'])) -%}
    {%- endfor -%}
    {{ return(mallard._load_versions(segmentation, conditions | join(' or '), has_groups) if conditions else []) }}
{%- endmacro %}

{# A condition on rows beside a segmentation: they are of a version, and of a group, if there are groups. #}
{% macro _is_version(group, number) -%}
    {%- set is_of_group = mallard._is_of_group(group) ~ ' and ' if group is not none else '' -%}
    {{ return('(' ~ is_of_group ~ 'version = ' ~ number ~ ')') }}
{%- endmacro %}
