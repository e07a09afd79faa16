{# How much a feature speaks for one centroid against another, as SQL: its term of the difference of the squares of their distances to a
   customer. All are in scaled units, weights included. #}
{% macro _speaks_for(of, x, own, other) -%}
    {%- set square = 'pow(array_distance({}, {}), 2)' if of.size else 'pow({} - {}, 2)' -%}
    {{ return(square.format(x, other) ~ ' - ' ~ square.format(x, own)) }}
{%- endmacro %}

{# One row per segment, with its centroid in the columns c1, c2 and so on, in the order of the features. A vector is the text of a list. #}
{% macro _centroid_rows(segments, features) -%}
    {%- for segment in segments %}
    select
        {{ segment.segment_id }} as segment_id,
        {%- for of in features %}
        {%- set type = 'double[' ~ of.size ~ ']' if of.size else 'double' %}
        {{ mallard._double(segment.centroid[of.name], type) }} as c{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
