{# A comment of a column: Hive's catalog takes 256 characters, and tries for 20 s with more. #}
{% macro _comment_on_spark(text) -%}
    {{ return('comment ' ~ mallard._value_on_spark(text | trim | truncate(256, true, '...', 0))) }}
{%- endmacro %}
