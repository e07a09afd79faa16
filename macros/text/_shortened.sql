{# A text with its beginning and its end, and the number of characters left out between them; `mallard.errors.shortened` in Python. #}
{% macro _shortened(text, longest=200) -%}
    {%- set text = text | string -%}
    {%- set left_out = text | length - longest -%}
    {%- if left_out <= 0 -%}
        {{ return(text) }}
    {%- endif -%}
    {%- set head = longest // 2 -%}
    {{ return(text[:head] ~ ' ... ' ~ '{:,}'.format(left_out) ~ ' more characters ... ' ~ text[text | length - (longest - head):]) }}
{%- endmacro %}
