{# What customers did, with its kind as text. Without `kinds`, each kind counts. #}
{% macro _activity_events(relation, customer_id, at, kind, as_of, kinds, customers) -%}
    {%- do mallard._check_names(relation, {'customer_id': customer_id, 'at': at, 'kind': kind}) -%}
    {%- do mallard._check_observed(customers, customer_id) -%}
    {%- set reasons = {mallard._says_something('mallard__kind') ~ ' is not true': kind ~ ' is missing'} -%}
    {%- if kinds -%}
        {%- set named = [] -%}
        {%- for name in kinds -%} {%- do named.append(mallard._literal(name)) -%} {%- endfor -%}
        {%- do reasons.update({'mallard__kind not in (' ~ named | join(', ') ~ ')': kind ~ ' is not among kinds'}) -%}
    {%- endif -%}
    {%- set values = {'mallard__kind': mallard._exact_text(mallard._quoted(kind))} -%}
    {{ mallard._events(relation, customer_id, at, as_of, values, reasons, customers) }}
{%- endmacro %}
