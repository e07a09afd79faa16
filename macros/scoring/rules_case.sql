{% macro rules_case(segmentation) -%}
    {{ return(adapter.dispatch('rules_case', 'mallard')(segmentation)) }}
{%- endmacro %}

{# The conditions are stored in the SQL of the target. Read while a model compiles. #}
{% macro default__rules_case(segmentation) -%}
    {%- set cases = {} -%}
    {%- if mallard._has_rules(segmentation) -%}
        {%- set stored = mallard.stored_version(segmentation) -%}
        {%- set has_groups = 'groups' in stored -%}
        {%- set query -%}
            select
                {{ mallard._digits_of('"group"' if has_groups else 'null') }} as "group_name",
                rule_sql as "rule_sql",
                segment_id as "segment_id"
            from {{ mallard.rules(segmentation) }} as rules
            order by "group_name" asc, rule asc
        {%- endset -%}
        {%- for group, version in (stored.groups if has_groups else {none: stored}).items() -%}
            {%- do cases.update({group: mallard._rules_without_segment(version)}) -%}
        {%- endfor -%}
        {%- for row in mallard._query(query) if mallard._digits(row['group_name']) in cases -%}
            {%- set rule = {'sql': row['rule_sql'], 'segment_id': row['segment_id'] | int} -%}
            {%- do cases[mallard._digits(row['group_name'])].append(rule) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if not cases -%}
    cast(null as {{ api.Column.translate_type('integer') }})
    {%- elif has_groups -%}
    case
        {%- for group, rules in cases.items() if rules %}
        when {{ mallard._sql(mallard._comes_to_group(group, stored)) }} then {{ mallard._case_of_rules(rules, 'segment_id') }}
        {%- endfor %}
    end
    {%- else -%}
    {{ mallard._case_of_rules(cases[none], 'segment_id') }}
    {%- endif -%}
{%- endmacro %}

{# The rules of a version for those who have no segment, which come first. #}
{% macro _rules_without_segment(stored) -%}
    {%- set rules = [] -%}
    {%- for rule in stored.rules if rule.segment_id is none -%}
        {%- do rules.append({'sql': mallard._sql(rule.sql), 'segment_id': none}) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}
