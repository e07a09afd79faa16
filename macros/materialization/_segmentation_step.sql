{# Python for dbt to run: a function of a module of mallard.steps, with these arguments. #}
{% macro _segmentation_step(function, arguments, module='segmentation') -%}
    {{ return(adapter.dispatch('_segmentation_step', 'mallard')(function, arguments, module)) }}
{%- endmacro %}

{% macro spark___segmentation_step(function, arguments, module) -%}
import json

from mallard.steps import {{ module }}
from mallard.steps.terminal import of_group

with of_group({{ mallard._group_in_python() }}):
    {{ module }}.{{ function }}(spark, scratch={{ tojson(mallard._scratch()) }}, **json.loads({{ tojson(tojson(arguments)) }}))
{%- endmacro %}

{% macro default___segmentation_step(function, arguments, module) -%}
import json

from mallard.steps import {{ module }}
from mallard.steps.terminal import of_group

{{ mallard._python_step() }}
    with of_group({{ mallard._group_in_python() }}):
        {{ module }}.{{ function }}(session, **json.loads({{ tojson(tojson(arguments)) }}))
    return session.sql("select 1")
{%- endmacro %}
