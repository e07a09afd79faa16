{# Python for dbt-duckdb to run: a function of mallard.steps.segmentation, with these arguments. #}
{% macro _segmentation_step(function, arguments) -%}
import json

from mallard.steps import segmentation

{{ mallard._python_step() }}
    segmentation.{{ function }}(session, **json.loads({{ tojson(tojson(arguments)) }}))
    return session.sql("select 1")
{%- endmacro %}
