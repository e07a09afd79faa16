{# The customers of today by the stored version, summed up in mallard__pass and mallard__both. #}
{% macro _look_for_drift(stored, plan, segmentation, before) -%}
    {%- do run_query('create or replace temp view mallard__now as ' ~ mallard._scaled_customers('mallard__customers', stored.statistics, plan)) -%}
    {%- do run_query('create or replace temp table mallard__old_segments as ' ~ mallard._segments_of_version(segmentation, stored)) -%}
    {%- set centroids = mallard.load_centroids('mallard__old_segments') -%}
    {%- do run_query('create or replace temp table mallard__pass as ' ~ mallard._pass_over('mallard__now', centroids, stored.statistics)) -%}
    {%- do run_query('create or replace temp table mallard__both as ' ~ mallard._customers_in_both('mallard__now', centroids, before, plan)) -%}
{%- endmacro %}

{# What the step that measures drift has to know of the version. #}
{% macro _known_of_drift(stored) -%}
    {%- set numbers = [] -%}
    {%- for of in stored.statistics.features if not of.size -%} {%- do numbers.append(of.name) -%} {%- endfor -%}
    {{ return({'moments': stored.moments, 'features': numbers}) }}
{%- endmacro %}

{# Why the drift asks for a fit; none if it doesn't. #}
{% macro _reason_of_drift() -%}
    {%- set said = {
        'means': 'the means inside the segments have moved',
        'spread': 'the customers are spread more widely inside the segments',
        'shares': 'the shares of the segments have changed',
        'feature': 'the mean of {} has moved',
    } -%}
    {%- for row in run_query('select measure as "measure", feature as "feature" from mallard__drift where is_material limit 1') -%}
        {{ return('the data drifted: ' ~ said[row['measure']] | replace('{}', row['feature'])) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}
