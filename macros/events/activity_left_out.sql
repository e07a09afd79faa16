{% macro activity_left_out(relation, customer_id, at, kind, as_of=none, kinds=none, customers=none) -%}
    {{ return(mallard._sql(adapter.dispatch('activity_left_out', 'mallard')(relation, customer_id, at, kind, as_of, kinds, customers))) }}
{%- endmacro %}

{% macro default__activity_left_out(relation, customer_id, at, kind, as_of, kinds, customers) -%}
    {%- if kinds is not none -%} {%- do mallard._check_kinds(kinds) -%} {%- endif -%}
    {{ mallard._left_out(mallard._activity_events(relation, customer_id, at, kind, as_of, kinds, customers)) }}
{%- endmacro %}
