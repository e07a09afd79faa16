{% macro score(relation, segmentation, version=none) -%}
    {{ return(adapter.dispatch('score', 'mallard')(relation, segmentation, version)) }}
{%- endmacro %}

{# The columns that the segmentation adds, for the customers of any relation that has the columns of its features. #}
{% macro default__score(relation, segmentation, version) -%}
    {%- set stored = mallard._load_version(segmentation, version) -%}
    {%- if stored is none -%}
        {{ return(mallard._customers_without_rows(relation)) }}
    {%- endif -%}
    {%- set centroids = mallard.load_centroids('(' ~ mallard._segments_of_version(segmentation, stored) ~ ')') -%}
    {{ return(mallard._segmented_customers(
        '(' ~ mallard._scaled_customers(relation, stored.statistics, stored.plan) ~ ')', centroids, stored.plan, stored.number
    )) }}
{%- endmacro %}
