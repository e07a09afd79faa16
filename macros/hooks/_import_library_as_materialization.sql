{# For on-run-start: lets Python import mallard from this package, wherever dbt installed it, if something needs it. dbt runs Python in a
   materialization only, and takes a macro for one by its name. #}
{% macro _import_library_as_materialization() -%}
    {%- set why = mallard._why_python() if execute and target.type == 'duckdb' else none -%}
    {%- if why and mallard._has_no_python(dbt_version) -%}
        {{ mallard._error_in_sql(mallard._refusal_without_python(dbt_version, why)) }}
    {%- elif why -%}
        {%- call statement('library', language='python') -%}
import sys
from contextlib import suppress
from pathlib import Path

from dbt.adapters.factory import get_adapter_by_type

{{ mallard._python_step() }}
    packages = get_adapter_by_type("duckdb").config.load_dependencies()
    library = str(Path(packages["mallard"].project_root, "python_lib"))
    if library not in sys.path:
        sys.path.insert(0, library)
    with suppress(ImportError):
        import mallard.steps.segmentation  # by one thread, before several import it at once
    return session.sql("select 1")
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}

{# What in the project takes Python; none if nothing does, as where `mallard.score` is all that is used. #}
{% macro _why_python() -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
        {%- if node.config.materialized == 'segmentation' -%}
            {{ return('model ' ~ node.name ~ " is materialized='segmentation'") }}
        {%- elif node.language == 'python' -%}
            {{ return('model ' ~ node.name ~ ' is a Python model') }}
        {%- endif -%}
    {%- endfor -%}
    {{ return('mallard_publish asks for a file' if mallard._files_to_publish() else none) }}
{%- endmacro %}

{# dbt 2 has neither Python models nor custom materializations on DuckDB. #}
{% macro _has_no_python(version) -%}
    {{ return(version.split('.')[0] | int >= 2) }}
{%- endmacro %}

{% macro _refusal_without_python(version, why) -%}
    {{ return(
        why ~ ', which takes Python, and dbt ' ~ version ~ ' runs none on DuckDB: run it with dbt 1, or fit with mallard fit and use '
        ~ 'mallard.score here.'
    ) }}
{%- endmacro %}
