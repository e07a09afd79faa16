{# Whether the settings ask for groups. #}
{% macro _is_by_group(meta) -%}
    {{ return(meta is mapping and meta.get('group_by') is not none) }}
{%- endmacro %}

{# Whether a table that a build made is of groups. #}
{% macro _has_groups(table) -%}
    {%- set existing = load_relation(table) if execute else none -%}
    {%- set columns = adapter.get_columns_in_relation(existing) | map(attribute='name') | map('lower') | list if existing else [] -%}
    {{ return('group' in columns) }}
{%- endmacro %}

{# The column of the groups, as the target writes it, in a relation or query that is tested; none without. #}
{% macro _group_in(tested) -%}
    {%- if tested is string -%}
        {%- set columns = get_columns_in_query('select * from ' ~ tested) if mallard._is_building() else [] -%}
        {%- set has_groups = 'group' in columns | map('lower') | list -%}
    {%- else -%}
        {%- set has_groups = mallard._has_groups(tested) -%}
    {%- endif -%}
    {{ return(mallard._sql('"group"') if has_groups else none) }}
{%- endmacro %}

{# The column that tables of groups have besides. #}
{% macro _group_column() -%}
    {{ return({'group': [
        'varchar', 'The group: a value of the column that the setting group_by names, or other, for those that are too small by themselves.'
    ]}) }}
{%- endmacro %}

{# Stop where the setting group_by came or went: the ids of all customers and those within a group have nothing in common. #}
{% macro _check_history_has_groups(history, meta, had=none) -%}
    {%- set had = mallard._has_groups(mallard._own_table_beside(history, 'versions')) if had is none else had -%}
    {%- if had != mallard._is_by_group(meta) -%}
        {%- set change = 'was made with group_by, which is not set' if had else 'was made without group_by, which is set' -%}
        {%- do mallard._stop(
            'the history of ' ~ history.identifier ~ ' ' ~ change ~ ': undo that, give the model another name, or begin anew with dbt '
            ~ "run-operation mallard.forget_history --args '{segmentation: " ~ history.identifier ~ "}'."
        ) -%}
    {%- endif -%}
{%- endmacro %}

{# Whether a row is of a group. #}
{% macro _is_of_group(group) -%}
    {{ return('"group" collate posix = ' ~ mallard._literal(group)) }}
{%- endmacro %}

{# The same column if a segmentation has groups; before it is built, nobody knows of any. #}
{% macro _group_column_of(segmentation) -%}
    {{ return(mallard._group_column() if execute and mallard._has_groups(mallard.versions(segmentation)) else {}) }}
{%- endmacro %}

{# The groups that the last build found, as a query: those that are gone keep their history. #}
{% macro _groups_of_last_build(builds) -%}
    select {{ mallard._exact_text('"group"') }} as group_name from {{ builds }}
    where build = (select max(build) from {{ builds }})
{%- endmacro %}

{# Whether a row beside a segmentation is of one of these, in the SQL of the target; any row is, if there are no groups. #}
{% macro _is_of_last_build(segmentation) -%}
    {%- set builds = mallard.builds(segmentation) -%}
    {%- if not mallard._has_groups(builds) -%}
        {{ return('true') }}
    {%- endif -%}
    {{ return(mallard._sql(mallard._exact_text('"group"') ~ ' in (' ~ mallard._groups_of_last_build(builds) ~ ')')) }}
{%- endmacro %}
