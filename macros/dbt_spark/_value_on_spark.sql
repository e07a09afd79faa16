{# A value as Spark's literal. A number is written out, because Spark reads no whole number in 1E+2. #}
{% macro _value_on_spark(value) -%}
    {%- if value is none -%}
        {{ return('null') }}
    {%- endif -%}
    {%- set text = '{:f}'.format(value) if value is number and value is not boolean else value | string -%}
    {{ return("'" ~ text | replace('\\', '\\\\') | replace("'", "\\'") ~ "'") }}
{%- endmacro %}
