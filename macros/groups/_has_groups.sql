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

{# What `stored_version` gives of a segmentation, of which a macro takes one without groups. #}
{% macro _version_of_all(segmentation, what) -%}
    {%- set stored = mallard.stored_version(segmentation) -%}
    {%- if stored is not none and stored.groups -%}
        {%- do mallard._stop(
            segmentation.identifier ~ ' has groups with a segmentation each, and ' ~ what ~ ' takes one segmentation: make a model without '
            ~ 'group_by that selects the group.'
        ) -%}
    {%- endif -%}
    {{ return(stored) }}
{%- endmacro %}
