{% macro directions(relation, statistics, prefix='scaled_') -%}
    {{ return(mallard._sql(adapter.dispatch('directions', 'mallard')(relation, statistics, prefix))) }}
{%- endmacro %}

{# Rounded, so that customers with the same direction have the same numbers. #}
{% macro default__directions(relation, statistics, prefix='scaled_') -%}
    {%- if not statistics.features -%}
        {{ return('select * from ' ~ relation) }}
    {%- endif -%}
    {%- set squares = [] -%}
    {%- for feature in statistics.features -%}
        {%- set scaled = mallard._quoted(prefix ~ feature.name) -%}
        {%- do squares.append('array_inner_product(' ~ scaled ~ ', ' ~ scaled ~ ')' if feature.size else scaled ~ ' * ' ~ scaled) -%}
    {%- endfor -%}
    select
        * exclude (mallard__length) replace (
            {%- for feature in statistics.features %}
            {%- set scaled = mallard._quoted(prefix ~ feature.name) %}
            {%- if feature.size %}
            cast(
                case when mallard__length is not null then [round(x / mallard__length, 12) for x in {{ scaled }}] end
                as double[{{ feature.size }}]
            ) as {{ scaled }}
            {%- else %}
            round({{ scaled }} / mallard__length, 12) as {{ scaled }}
            {%- endif -%}
            {{ ',' if not loop.last }}
            {%- endfor %}
        )
    from (
        select *, nullif(sqrt({{ mallard._sum(squares) }}), 0) as mallard__length
        from {{ relation }}
    )
{%- endmacro %}
