{% macro review_features(
    relation, customer_id, at, rating=none, text=none, as_of=none, customers=none, period_days=90, rating_range=[1, 5], negative_up_to=none
) -%}
    {{ return(mallard._sql(adapter.dispatch('review_features', 'mallard')(
        relation, customer_id, at, rating, text, as_of, customers, period_days, rating_range, negative_up_to
    ))) }}
{%- endmacro %}

{% macro default__review_features(relation, customer_id, at, rating, text, as_of, customers, period_days, rating_range, negative_up_to) -%}
    {%- do mallard._check_period(period_days) -%}
    {%- set events = mallard._review_events(relation, customer_id, at, rating, text, as_of, customers, rating_range) -%}
    {%- set aggregates = mallard._rhythm_aggregates('all', period_days) -%}
    {%- set columns = mallard._rhythm_columns('all', period_days, 'review') -%}
    {%- if rating is not none -%}
        {%- set negative_up_to = mallard._negative_up_to(negative_up_to, rating_range) -%}
        {%- do aggregates.update(mallard._rating_aggregates(negative_up_to)) -%}
        {%- do columns.update(mallard._rating_columns(rating_range)) -%}
    {%- endif -%}
    {%- if text is not none -%}
        {%- do aggregates.update({
            'mallard__texts': 'count(mallard__length)',
            'mallard__lengths': 'sum(mallard__length)',
        }) -%}
        {%- do columns.update({
            'text_count': 'coalesce(mallard__texts, 0)',
            'text_length': 'cast(mallard__lengths as double) / nullif(mallard__texts, 0)',
        }) -%}
    {%- endif -%}
    {{ mallard._by_customer(events, customer_id, as_of, customers, aggregates, columns) }}
{%- endmacro %}
