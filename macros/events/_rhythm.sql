{# How many events there are, how long ago the last one was, and how many there are in the last two periods: aggregates, of all events or of
   those under a condition. `slot` ends their names. #}
{% macro _rhythm_aggregates(slot, period_days, condition=none) -%}
    {%- set days_ago = 'mallard__days_ago' -%}
    {%- set before = days_ago ~ ' between ' ~ period_days ~ ' and ' ~ (2 * period_days - 1) -%}
    {{ return({
        'mallard__n_' ~ slot: 'count(*)' ~ mallard._only([condition]),
        'mallard__days_' ~ slot: 'min(' ~ days_ago ~ ')' ~ mallard._only([condition]),
        'mallard__lately_' ~ slot: 'count(*)' ~ mallard._only([condition, days_ago ~ ' < ' ~ period_days]),
        'mallard__before_' ~ slot: 'count(*)' ~ mallard._only([condition, before]),
    }) }}
{%- endmacro %}

{% macro _only(conditions) -%}
    {%- set conditions = conditions | select | list -%}
    {{ return(' filter (' ~ conditions | join(' and ') ~ ')' if conditions else '') }}
{%- endmacro %}

{# The columns that follow from them. The aggregates of a customer without any event are null. #}
{% macro _rhythm_columns(slot, period_days, prefix) -%}
    {%- set n, days = 'mallard__n_' ~ slot, 'mallard__days_' ~ slot -%}
    {%- set lately, before = 'mallard__lately_' ~ slot, 'mallard__before_' ~ slot -%}
    {{ return({
        prefix ~ '_count': 'coalesce(' ~ n ~ ', 0)',
        prefix ~ '_recency_days': days,
        prefix ~ '_freshness': 'coalesce(cast(' ~ period_days ~ ' as double) / (' ~ period_days ~ ' + ' ~ days ~ '), 0)',
        prefix ~ '_trend': 'coalesce(cast(' ~ lately ~ ' - ' ~ before ~ ' as double) / (' ~ lately ~ ' + ' ~ before ~ ' + 1), 0)',
    }) }}
{%- endmacro %}

{% macro _check_period(period_days) -%}
    {%- if period_days is not integer or period_days < 1 -%}
        {%- do mallard._refuse('period_days', period_days, 'give a whole number of days, 1 or more') -%}
    {%- endif -%}
{%- endmacro %}
