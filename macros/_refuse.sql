{% macro _refuse(setting, value, remedy) -%}
    {%- do exceptions.raise_compiler_error('mallard: setting ' ~ setting ~ ' is ' ~ tojson(value) ~ ': ' ~ remedy ~ '.') -%}
{%- endmacro %}
