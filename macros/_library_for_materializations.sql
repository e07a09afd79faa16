{# Lets Python models import mallard out of this package, wherever dbt installed it; a copy that pip installed comes first.
   dbt allows Python in materializations only, and takes a macro for one by its name. #}
{% macro _library_for_materializations() -%}
    {%- if execute and target.type == 'duckdb' -%}
        {%- call statement('library', language='python') -%}
import sys
from pathlib import Path

from dbt.adapters.factory import get_adapter_by_type

{{ mallard._python_step() }}
    packages = get_adapter_by_type("duckdb").config.load_dependencies()
    library = str(Path(packages["mallard"].project_root, "python_lib"))
    if library not in sys.path:
        sys.path.append(library)
    return session.sql("select 1")
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}
