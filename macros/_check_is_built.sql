{# A name in place of a relation is that of a table that was made a moment ago. #}
{% macro _check_is_built(relation, what) -%}
    {%- if relation is not string and not load_relation(relation) -%}
        {%- do exceptions.raise_compiler_error('mallard: ' ~ relation ~ ' holds ' ~ what ~ ' and isn\'t built yet: run dbt build first.') -%}
    {%- endif -%}
{%- endmacro %}
