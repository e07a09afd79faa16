{# Of the customers and their features: another one if any of them changes, whatever their order. #}
{% macro _fingerprint(customers, plan) -%}
    {%- set values = [mallard._quoted(plan.settings.id)] -%}
    {%- for feature in plan.features -%} {%- do values.append(feature.expression) -%} {%- endfor -%}
    {%- if plan.weight -%} {%- do values.append(plan.weight) -%} {%- endif -%}
    {%- set query -%}
        select printf('%x-%016x', count(*), coalesce(bit_xor(hash({{ values | join(', ') }})), 0)) from {{ customers }}
    {%- endset -%}
    {{ return(mallard._query(query)[0][0]) }}
{%- endmacro %}
