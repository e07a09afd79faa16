{% macro centroids(segmentation) -%}
    {{ return(adapter.dispatch('centroids', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__centroids(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'centroids')) }}
{%- endmacro %}
