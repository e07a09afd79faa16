{% macro activity(relation, customer_id, at, kind, as_of=none, kinds=none, customers=none, period_days=90) -%}
    {{ return(mallard._sql(
        adapter.dispatch('activity', 'mallard')(relation, customer_id, at, kind, as_of, kinds, customers, period_days)
    )) }}
{%- endmacro %}

{% macro default__activity(relation, customer_id, at, kind, as_of, kinds, customers, period_days) -%}
    {%- do mallard._check_period(period_days) -%}
    {%- set kinds = mallard._kinds(relation, customer_id, at, kind, as_of, kinds) -%}
    {%- set events = mallard._activity_events(relation, customer_id, at, kind, as_of, kinds, customers) -%}
    {%- set aggregates = mallard._rhythm_aggregates('all', period_days) -%}
    {%- set columns = mallard._rhythm_columns('all', period_days, 'activity') -%}
    {%- for name in kinds -%}
        {%- set is_of_kind = 'mallard__kind = ' ~ mallard._literal(name) -%}
        {%- do aggregates.update(mallard._rhythm_aggregates(loop.index, period_days, is_of_kind)) -%}
        {%- do columns.update(mallard._rhythm_columns(loop.index, period_days, name)) -%}
    {%- endfor -%}
    {{ mallard._by_customer(events, customer_id, as_of, customers, aggregates, columns) }}
{%- endmacro %}
