{# A table that a segmentation made beside its own. #}
{% macro _beside(segmentation, what) -%}
    {{ return(api.Relation.create(database=segmentation.database, schema=segmentation.schema, identifier=segmentation.identifier ~ '__' ~ what, type='table')) }}
{%- endmacro %}
