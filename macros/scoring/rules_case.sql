{% macro rules_case(segmentation) -%}
    {{ return(adapter.dispatch('rules_case', 'mallard')(segmentation)) }}
{%- endmacro %}

{# The conditions are stored in the SQL of the target. Read while a model compiles. #}
{% macro default__rules_case(segmentation) -%}
    {%- set cases = {} -%}
    {%- if mallard._has_rules(segmentation) -%}
        {%- set has_groups = mallard._has_groups(mallard.versions(segmentation)) -%}
        {%- set query -%}
            select
                {{ mallard._digits_of('"group"' if has_groups else 'null') }} as "group_name",
                rule_sql as "rule_sql",
                segment_id as "segment_id"
            from {{ mallard.rules(segmentation) }} as rules
            order by "group_name" asc, rule asc
        {%- endset -%}
        {%- for row in mallard._query(query) -%}
            {%- set rule = {'sql': row['rule_sql'], 'segment_id': row['segment_id'] | int} -%}
            {%- do cases.setdefault(mallard._digits(row['group_name']), []).append(rule) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if not cases -%}
    cast(null as {{ api.Column.translate_type('integer') }})
    {%- elif has_groups -%}
    {%- set stored = mallard.stored_version(segmentation) -%}
    case
        {%- for group, rules in cases.items() if group in stored.groups %}
        when {{ mallard._sql(mallard._comes_to_group(group, stored)) }} then {{ mallard._case_of_rules(rules, 'segment_id') }}
        {%- endfor %}
    end
    {%- else -%}
    {{ mallard._case_of_rules(cases[none], 'segment_id') }}
    {%- endif -%}
{%- endmacro %}
