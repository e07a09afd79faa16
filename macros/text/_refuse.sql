{# Stop over the value of a setting, and say what to do. #}
{% macro _refuse(setting, value, remedy) -%}
    {%- do mallard._stop('setting ' ~ setting ~ ' is ' ~ mallard._shortened(tojson(value)) ~ ': ' ~ remedy ~ '.') -%}
{%- endmacro %}
