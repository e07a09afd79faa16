{# The customers of today by the stored version, summed up in mallard__pass; and those who were there at the build before, which `earlier`
   has the pass of, in mallard__both. Where a fit is due anyway, today's plan is for another version. #}
{% macro _look_for_drift(stored, planned, centroids, before, earlier) -%}
    {%- set plan = planned.plan if planned.reason is none else stored.plan -%}
    {%- set scaled = mallard._scaled_customers('mallard__customers', stored.statistics, plan) -%}
    {%- do mallard._show('mallard__now', scaled) -%}
    {%- set sums = mallard._pass_over('mallard__now', centroids, stored.statistics, stored.moments) -%}
    {%- do mallard._keep('mallard__pass', sums) -%}
    {%- if before and earlier and earlier.segments -%}
        {%- set largest = mallard._double(earlier.segments.values() | map(attribute='largest') | max) -%}
        {%- set both = mallard._customers_in_both('mallard__now', centroids, before, planned.plan, largest) -%}
    {%- else -%}
        {%- set both = mallard._no_customers_in_both() -%}
    {%- endif -%}
    {%- do mallard._keep('mallard__both', both) -%}
{%- endmacro %}

{# What the step that measures drift has to know. #}
{% macro _known_of_drift(stored, planned, centroids, earlier) -%}
    {%- set numbers, names = [], {} -%}
    {%- for of in stored.statistics.features if not of.size -%} {%- do numbers.append(of.name) -%} {%- endfor -%}
    {%- for segment in centroids.segments -%} {%- do names.update({segment.segment_id: segment.segment_name}) -%} {%- endfor -%}
    {{ return({
        'version': stored.number,
        'at_fit': stored.moments,
        'at_build_before': earlier,
        'names': names,
        'features': numbers,
        'entity': planned.plan.settings.entity,
        'may_fit': planned.reason is none and planned.plan.settings.refit == 'when_needed',
    }) }}
{%- endmacro %}

{# The pass of the build before, and its overlap with that at the fit; none if it had another version. #}
{% macro _moments_of_build_before(segmentation, stored) -%}
    {%- set builds = mallard._own_table_beside(segmentation, 'builds') -%}
    {%- if load_cached_relation(builds) -%}
        {%- set query = 'select version as "version", moments as "moments" from ' ~ builds ~ ' order by build desc limit 1' -%}
        {%- for row in mallard._query(query) if row['version'] == stored.number and row['moments'] -%}
            {{ return(fromjson(row['moments'])) }}
        {%- endfor -%}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{# Nothing to compare, because no version is there that can score the customers of today. #}
{% macro _look_for_no_drift() -%}
    {%- do mallard._keep('mallard__drift', mallard._no_rows_beside('drift')) -%}
{%- endmacro %}

{# Why the drift asks for a fit; none if it doesn't. #}
{% macro _reason_of_drift() -%}
    {{ return(mallard._query('select reason from mallard__drifted')[0][0]) }}
{%- endmacro %}
