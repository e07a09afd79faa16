{# adapter.quote leaves quotation marks within a name as they are. #}
{% macro _quoted(name) -%}
    {{ return('"' ~ name | replace('"', '""') ~ '"') }}
{%- endmacro %}
