{# Every customer with the columns that a segmentation adds. #}
{% macro _segmented_customers(scaled, centroids, plan) -%}
    select
        * exclude (mallard__reason, mallard__is_used{{ ', mallard__weight' if plan.weight }}),
        case
            when mallard__reason is null then 'assigned'
            when segment_id is null then 'excluded'
            else 'imputed'
        end as "assignment_status",
        mallard__reason as "status_reason"
    from ({{ mallard.scored_customers(scaled, centroids, 'mallard__scaled_', 'mallard__is_used') }})
{%- endmacro %}

{# The same columns without a row, for dbt build --empty. #}
{% macro _customers_without_rows(customers) -%}
    select
        *
        {%- for column, (type, _) in mallard._table('customers').columns.items() %},
        cast(null as {{ type }}) as "{{ column }}"
        {%- endfor %}
    from {{ customers }}
    where false
{%- endmacro %}
