{% macro metrics(segmentation) -%}
    {{ return(adapter.dispatch('metrics', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__metrics(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'metrics')) }}
{%- endmacro %}
