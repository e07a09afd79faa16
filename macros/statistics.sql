{% macro statistics(relation, features) -%}
    {{ return(adapter.dispatch('statistics', 'mallard')(relation, features)) }}
{%- endmacro %}

{# Read when a model compiles, so that scaling is arithmetic with constants. #}
{% macro default__statistics(relation, features) -%}
    {%- set statistics = [] -%}
    {%- if execute -%}
        {%- do mallard._check_is_built(relation, 'the statistics of the features') -%}
        {%- set query -%}
            select
                {%- for feature in features %}
                cast({{ feature }}_center as varchar) || '_', cast(nullif({{ feature }}_spread, 0) as varchar) || '_'{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ relation }}
        {%- endset -%}
        {%- set row = run_query(query)[0] -%}
        {%- for feature in features -%}
            {%- set center, spread = row[2 * loop.index0], row[2 * loop.index0 + 1] -%}
            {%- do statistics.append({'feature': feature, 'center': center and center[:-1], 'spread': spread and spread[:-1]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(statistics) }}
{%- endmacro %}
