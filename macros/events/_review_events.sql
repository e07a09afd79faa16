{# One row per review, with its rating and the number of characters of its text, null for none. #}
{% macro _review_events(relation, customer_id, at, rating, text, as_of, customers, rating_range) -%}
    {%- set columns, values, reasons = {'customer_id': customer_id, 'at': at}, {}, {} -%}
    {%- if rating is not none -%}
        {%- do mallard._check_rating_range(rating_range) -%}
        {%- set lowest, highest = rating_range -%}
        {%- do columns.update(rating=rating) -%}
    {%- endif -%}
    {%- if text is not none -%} {%- do columns.update(text=text) -%} {%- endif -%}
    {%- do mallard._check_names(relation, columns) -%}
    {%- do mallard._check_observed(customers, customer_id) -%}
    {%- if rating is not none -%}
        {%- do values.update(mallard__rating=mallard._finite(rating)) -%}
        {%- do reasons.update({
            'mallard__rating not between ' ~ lowest ~ ' and ' ~ highest: rating ~ ' is not between ' ~ lowest ~ ' and ' ~ highest
        }) -%}
    {%- endif -%}
    {%- if text is not none -%}
        {%- set words = mallard._exact_text(mallard._quoted(text)) -%}
        {%- do values.update(mallard__length='case when ' ~ mallard._says_something(words) ~ ' then length(' ~ words ~ ') end') -%}
    {%- endif -%}
    {{ mallard._events(relation, customer_id, at, as_of, values, reasons, customers) }}
{%- endmacro %}
