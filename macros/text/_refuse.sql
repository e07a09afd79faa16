{# Stop over the value of a setting, and say what to do. #}
{% macro _refuse(setting, value, remedy) -%}
    {%- do exceptions.raise_compiler_error('mallard: setting ' ~ setting ~ ' is ' ~ tojson(value) ~ ': ' ~ remedy ~ '.') -%}
{%- endmacro %}
