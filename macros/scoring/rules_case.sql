{% macro rules_case(segmentation) -%}
    {{ return(adapter.dispatch('rules_case', 'mallard')(segmentation)) }}
{%- endmacro %}

{# The conditions are stored in the SQL of the target. Read while a model compiles. #}
{% macro default__rules_case(segmentation) -%}
    {%- set rules = [] -%}
    {%- if mallard._has_rules(segmentation) -%}
        {%- do mallard._check_has_no_groups(segmentation, 'mallard.rules_case', 'read the rules of a group in its table of rules') -%}
        {%- set stored = mallard._load_version(segmentation) -%}
        {%- for rule in (stored.rules if stored else []) if rule.segment_id is none -%}
            {%- do rules.append({'sql': mallard._sql(rule.sql), 'segment_id': 'null'}) -%}
        {%- endfor -%}
        {%- for row in run_query('select rule_sql, segment_id from ' ~ mallard.rules(segmentation) ~ ' as rules order by rule asc') -%}
            {%- do rules.append({'sql': row[0], 'segment_id': row[1] | int}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if not rules -%}
    cast(null as {{ api.Column.translate_type('integer') }})
    {%- else -%}
    case
        {%- for rule in rules %}
        when {{ rule.sql }} then {{ rule.segment_id }}
        {%- endfor %}
    end
    {%- endif -%}
{%- endmacro %}
