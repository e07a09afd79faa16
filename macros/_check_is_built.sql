{% macro _check_is_built(relation, what) -%}
    {%- if not load_relation(relation) -%}
        {%- do exceptions.raise_compiler_error('mallard: ' ~ relation ~ ' holds ' ~ what ~ ' and isn\'t built yet: run dbt build first.') -%}
    {%- endif -%}
{%- endmacro %}
