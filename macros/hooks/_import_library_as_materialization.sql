{# For on-run-start: lets Python import mallard from this package, wherever dbt installed it. A copy that pip installed goes first, so it
   has to be of the same version. dbt runs Python in a materialization only, and takes a macro for one by its name. #}
{% macro _import_library_as_materialization() -%}
    {%- if execute and target.type == 'duckdb' -%}
        {%- call statement('library', language='python') -%}
import sys
from pathlib import Path

from dbt.adapters.factory import get_adapter_by_type

{{ mallard._python_step() }}
    package = get_adapter_by_type("duckdb").config.load_dependencies()["mallard"]
    library = str(Path(package.project_root, "python_lib"))
    if library not in sys.path:
        sys.path.append(library)
    import mallard

    found = getattr(mallard, "__version__", "an older version")
    session.execute(
        "create or replace temp table mallard__library as select nullif(?, ?) as other_version, ? as version",
        [found, package.version, package.version],
    )
    return session.sql("select 1")
        {%- endcall -%}
        {%- set other, version = run_query('select other_version, version from mallard__library')[0] -%}
        {{ mallard._error_in_sql("pip installed dbt-mallard " ~ other ~ ", and the dbt package is " ~ version ~ ": run pip install 'dbt-mallard==" ~ version ~ "', or pip uninstall dbt-mallard.") if other }}
    {%- endif -%}
{%- endmacro %}
