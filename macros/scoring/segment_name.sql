{% macro segment_name(segment_id, centroids) -%}
    {{ return(mallard._sql(adapter.dispatch('segment_name', 'mallard')(segment_id, centroids))) }}
{%- endmacro %}

{% macro default__segment_name(segment_id, centroids) -%}
    {%- if not centroids.segments -%}
    cast(null as varchar)
    {%- else -%}
    case {{ segment_id }}
        {%- for segment in centroids.segments %} when {{ segment.segment_id }} then {{ mallard._literal(segment.segment_name) }}{% endfor %} end
    {%- endif -%}
{%- endmacro %}
