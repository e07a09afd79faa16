{# What people call a column or a feature. #}
{% macro _word(name, words) -%}
    {%- set words = {} if words is none else words -%}
    {%- if words is not mapping -%}
        {%- do mallard._refuse('feature_words', words, 'give it as {column: word, ...}') -%}
    {%- endif -%}
    {{ return(words.get(name, name | replace('_', ' ')) | string) }}
{%- endmacro %}
