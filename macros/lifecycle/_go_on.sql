{# What this build goes on from, for the step that plans: the plan of the version that is there, and what it depended on; none without. #}
{% macro _fitted(stored) -%}
    {{ return({'plan': tojson(stored.plan), 'matters': stored.matters} if stored else none) }}
{%- endmacro %}

{# What the step that plans found. #}
{% macro _planned() -%}
    {%- set row = mallard._query('select plan, reason, matters, can_score, can_compare from mallard__plan')[0] -%}
    {{ return({'plan': fromjson(row[0]), 'reason': row[1], 'matters': row[2], 'can_score': row[3], 'can_compare': row[4]}) }}
{%- endmacro %}

{# Why the customers ask for a fit, if the settings don't; none if they don't either. #}
{% macro _reason_in_the_data(stored, fingerprint) -%}
    {%- if stored.candidate is not none and stored.fingerprint != fingerprint -%}
        {{ return('the fit before nearly chose k = ' ~ stored.candidate ~ ', so this build looks again') }}
    {%- endif -%}
    {{ return(mallard._reason_of_drift()) }}
{%- endmacro %}

{# Every segment with the name that the rule gives it: that of its version, or, if it was matched to an old one just now, that of now. #}
{% macro _add_rule_names(centroids, segmentation, version, is_matched) -%}
    {%- set query -%}
        {%- if not version.is_new -%}
        select distinct segment_id, rule_name from {{ mallard._own_table_beside(segmentation, 'centroids') }} where version = {{ version.number }}
        {%- else -%}
        select segment_id, rule_name from mallard__ids
        {%- endif -%}
    {%- endset -%}
    {%- set names = {} -%}
    {%- if is_matched or not version.is_new -%}
        {%- for row in mallard._query(query) -%} {%- do names.update({row[0] | int: row[1]}) -%} {%- endfor -%}
    {%- endif -%}
    {%- for segment in centroids.segments -%}
        {%- do segment.update(rule_name=names.get(segment.segment_id) or segment.segment_name) -%}
    {%- endfor -%}
{%- endmacro %}

{# One line where a build fits again. #}
{% macro _log_fit(version) -%}
    {%- do mallard._say('fitting version ' ~ version.number ~ ': ' ~ version.reason) if version.replaces -%}
{%- endmacro %}

{# One line where a build doesn't fit. #}
{% macro _log_scoring(stored) -%}
    {%- set version = 'version ' ~ stored.number ~ ', fitted on ' ~ stored.fitted_at ~ ' UTC' -%}
    {%- do mallard._say('nothing to fit: ' ~ version ~ ', gives the segments') -%}
{%- endmacro %}

{# The highest id that a segment ever had, for the next version that has to find one. #}
{% macro _count_ids(version, centroids, stored) -%}
    {%- set ids = [stored.highest_segment_id if stored else 0] -%}
    {%- for segment in centroids.segments -%} {%- do ids.append(segment.segment_id) -%} {%- endfor -%}
    {%- do version.update(highest_segment_id=ids | max) -%}
{%- endmacro %}

{# Tables beside a segmentation that have a history, but are gone, and that only a fit can make anew: others would be other rules. #}
{% macro _lost_tables(segmentation, stored) -%}
    {%- set lost = [] -%}
    {%- set needed = ['rules'] if stored.rules else [] -%}
    {%- for name in mallard._tables_beside() if (mallard._table(name).made_by == 'fit' or name in needed) and name != 'versions' -%}
        {%- set table = mallard._own_table_beside(segmentation, name) -%}
        {%- if not load_cached_relation(table) -%} {%- do lost.append(table.identifier) -%} {%- endif -%}
    {%- endfor -%}
    {{ return(lost) }}
{%- endmacro %}
