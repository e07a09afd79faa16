{# Python for dbt-duckdb to run: a function of a module of mallard.steps, with these arguments. #}
{% macro _segmentation_step(function, arguments, module='segmentation') -%}
import json

from mallard.steps import {{ module }}

{{ mallard._python_step() }}
    {{ module }}.{{ function }}(session, **json.loads({{ tojson(tojson(arguments)) }}))
    return session.sql("select 1")
{%- endmacro %}
