{# Python for dbt to run: a function of a module of mallard.steps, with these arguments. #}
{% macro _segmentation_step(function, arguments, module='segmentation') -%}
    {{ return(adapter.dispatch('_segmentation_step', 'mallard')(function, arguments, module)) }}
{%- endmacro %}

{% macro spark___segmentation_step(function, arguments, module) -%}
import json

from mallard.steps import {{ module }}

{{ module }}.{{ function }}(spark, scratch={{ tojson(mallard._scratch()) }}, **json.loads({{ tojson(tojson(arguments)) }}))
{%- endmacro %}

{% macro default___segmentation_step(function, arguments, module) -%}
import json

from mallard.steps import {{ module }}

{{ mallard._python_step() }}
    {{ module }}.{{ function }}(session, **json.loads({{ tojson(tojson(arguments)) }}))
    return session.sql("select 1")
{%- endmacro %}
