{# One row for each position of a vector, with its number from 0, and center_0, spread_0 and filler_0. Nothing but what the statistics need
   goes along with the values, because it would be copied as often as there are positions. #}
{% macro _statistics_by_position(relation, vector, weight) -%}
    {%- set scale = mallard._scale_of(vector) -%}
    {%- if (scale.center, scale.spread, vector.fill) == ('zero', 'one', 'none') -%}
        {%- set relation -%} (select unnest(range({{ vector.size }})) as position) {%- endset -%}
    {%- else -%}
        {%- set relation -%}
        (
            select {{ weight or 1 }} as weight, unnest({{ vector.expression }}) as value, unnest(range({{ vector.size }})) as position
            from {{ relation }}
        )
        {%- endset -%}
    {%- endif -%}
    {{ mallard._statistics(relation, {'features': [dict(vector, expression='value')], 'weight': weight and 'weight'}, 'position') }}
{%- endmacro %}
