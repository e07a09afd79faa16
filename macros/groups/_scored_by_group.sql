{# The customers of a relation, each by the version of its group, and their group. Who is of none is excluded, as in the segmentation. #}
{% macro _scored_by_group(relation, stored) -%}
    {%- set value = mallard._value_of_group(stored.group_by) -%}
    {%- set reason -%}
        case
            when {{ value }} is null then {{ mallard._literal(stored.group_by ~ ' is missing') }}
            else {{ mallard._literal(stored.group_by ~ ' is unknown') }}
        end
    {%- endset -%}
    with mallard__of_all_groups as not materialized (

        select * from {{ relation }}

    )

    {%- for group, version in stored.groups.items() %}
    {%- set customers = '(select * from mallard__of_all_groups where ' ~ mallard._comes_to_group(group, stored) ~ ')' %}
    select
        *,
        {{ mallard._literal(group) }} as "group"
    from ({{ mallard._scored_by(customers, version) }})
    union all
    {%- endfor %}
    select
        *
        {{- mallard._columns_of_excluded(mallard._columns_of_a_score(mallard._stored_outliers(stored)), reason) }}
    from mallard__of_all_groups
    where {{ value }} is null {{- ' or ' ~ mallard._is_no_group(stored) if stored.pool is none }}
{%- endmacro %}

{# The value that says of which group a customer is, as a text. #}
{% macro _value_of_group(group_by) -%}
    {{ return(mallard._exact_text(mallard._quoted(group_by))) }}
{%- endmacro %}

{# Whether a customer comes to a group, by the column whose values are groups. #}
{% macro _comes_to_group(group, stored) -%}
    {%- set value = mallard._value_of_group(stored.group_by) -%}
    {{ return(mallard._is_no_group(stored) if group == stored.pool else value ~ ' = ' ~ mallard._literal(group)) }}
{%- endmacro %}

{# Whether a customer has a value that is no group of its own. #}
{% macro _is_no_group(stored) -%}
    {%- set names = [] -%}
    {%- for group in stored.groups if group != stored.pool -%} {%- do names.append(mallard._literal(group)) -%} {%- endfor -%}
    {%- set value = mallard._value_of_group(stored.group_by) -%}
    {{ return(value ~ (' not in (' ~ names | join(', ') ~ ')' if names else ' is not null')) }}
{%- endmacro %}

{# Columns of customers who are of no group, and their group, as they follow others in a select list. #}
{% macro _columns_of_excluded(columns, reason) -%}
        {%- for column, (type, _) in columns.items() %},
        {%- if column == 'assignment_status' %}
        'excluded' as "assignment_status"
        {%- elif column == 'status_reason' %}
        {{ reason }} as "status_reason"
        {%- else %}
        cast(null as {{ type }}) as "{{ column }}"
        {%- endif %}
        {%- endfor %},
        cast(null as varchar) as "group"
{%- endmacro %}
