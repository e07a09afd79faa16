{# For on-run-start: lets Python import mallard from this package, wherever dbt installed it. dbt runs Python in a materialization only, and
   takes a macro for one by its name. #}
{% macro _import_library_as_materialization() -%}
    {%- if execute and target.type == 'duckdb' -%}
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
