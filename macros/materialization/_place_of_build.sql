{# Where a build writes the customers; the tables beside them follow. DuckDB undoes what fails, so it writes to the segmentation itself. #}
{% macro _place_of_build(segmentation) -%}
    {{ return(adapter.dispatch('_place_of_build', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default___place_of_build(segmentation) -%}
    {{ return(segmentation) }}
{%- endmacro %}

{# Spark undoes nothing: each run has tables of its own, and the segmentation is made of views of them. #}
{% macro spark___place_of_build(segmentation) -%}
    {{ return(mallard._place_of_run(segmentation, 'r' ~ local_md5(invocation_id)[:8])) }}
{%- endmacro %}

{% macro _place_of_run(segmentation, run) -%}
    {{ return(mallard._named_like(segmentation, 'mallard__' ~ segmentation.identifier ~ '__' ~ run, 'table')) }}
{%- endmacro %}

{# A relation of another name in the same schema. #}
{% macro _named_like(relation, identifier, type) -%}
    {{ return(api.Relation.create(database=relation.database, schema=relation.schema, identifier=identifier, type=type)) }}
{%- endmacro %}
