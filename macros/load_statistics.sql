{% macro load_statistics(relation, features) -%}
    {{ return(adapter.dispatch('load_statistics', 'mallard')(relation, features)) }}
{%- endmacro %}

{# Read when a model compiles, so that scaling is arithmetic with constants. #}
{% macro default__load_statistics(relation, features) -%}
    {%- set statistics = [] -%}
    {%- if execute -%}
        {%- do mallard._check_is_built(relation, 'the statistics of the features') -%}
        {%- set query -%}
            select
                {%- for feature in features %}
                {{ mallard._digits_of(mallard._quoted(feature.name ~ '_center')) }},
                {{ mallard._digits_of('nullif(' ~ mallard._quoted(feature.name ~ '_spread') ~ ', 0)') }},
                {{ mallard._digits_of(mallard._quoted(feature.name ~ '_filler')) if feature.fill != 'none' else 'null' }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ relation }}
        {%- endset -%}
        {%- set row = run_query(query)[0] -%}
        {%- for feature in features -%}
            {%- set center, spread, filler = row[3 * loop.index0], row[3 * loop.index0 + 1], row[3 * loop.index0 + 2] -%}
            {%- do statistics.append(dict(feature, center=center and center[:-1], spread=spread and spread[:-1], filler=filler and filler[:-1])) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(statistics) }}
{%- endmacro %}

{# All the digits of a number; the letter after them keeps dbt from making a rounded number of them. #}
{% macro _digits_of(expression) -%}
    cast({{ expression }} as varchar) || '_'
{%- endmacro %}
