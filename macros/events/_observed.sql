{# One row per customer of those whose events are known. #}
{% macro _observed(customers, customer_id) -%}
    select
        mallard__customer,
        any_value(mallard__id) as mallard__id
    from (
        select
            {{ mallard._quoted(customer_id) }} as mallard__id,
            {{ mallard._exact_text(mallard._quoted(customer_id)) }} as mallard__customer
        from {{ customers }}
    )
    where {{ mallard._says_something('mallard__customer') }}
    group by mallard__customer
{%- endmacro %}

{% macro _check_observed(customers, customer_id) -%}
    {%- if customers is not none -%} {%- do mallard._check_names(customers, {'customer_id': customer_id}, 'customers') -%} {%- endif -%}
{%- endmacro %}
