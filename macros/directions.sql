{% macro directions(relation, features, prefix='scaled_') -%}
    {{ return(adapter.dispatch('directions', 'mallard')(relation, features, prefix)) }}
{%- endmacro %}

{# Rounded, so that customers of the same direction have the same numbers. #}
{% macro default__directions(relation, features, prefix) -%}
    {%- set squares = [] -%}
    {%- for feature in features -%}
        {%- do squares.append(mallard._quoted(prefix ~ feature.name) ~ ' * ' ~ mallard._quoted(prefix ~ feature.name)) -%}
    {%- endfor -%}
    select
        * exclude (mallard__length) replace (
            {%- for feature in features %}
            {%- set scaled = mallard._quoted(prefix ~ feature.name) %}
            round({{ scaled }} / mallard__length, 12) as {{ scaled }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    from (
        select *, nullif(sqrt({{ mallard._sum(squares) }}), 0) as mallard__length
        from {{ relation }}
    )
{%- endmacro %}
