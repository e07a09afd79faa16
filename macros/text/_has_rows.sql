{# Whether a table or view has any row. #}
{% macro _has_rows(relation) -%}
    {{ return(mallard._query('select 1 from ' ~ relation ~ ' limit 1') | length > 0) }}
{%- endmacro %}
