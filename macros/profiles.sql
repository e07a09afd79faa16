{% macro profiles(segmentation) -%}
    {{ return(adapter.dispatch('profiles', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__profiles(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'profiles')) }}
{%- endmacro %}
