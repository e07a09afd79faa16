{% macro review_features_left_out(relation, customer_id, at, rating=none, as_of=none, customers=none, rating_range=[1, 5]) -%}
    {{ return(mallard._sql(adapter.dispatch('review_features_left_out', 'mallard')(
        relation, customer_id, at, rating, as_of, customers, rating_range
    ))) }}
{%- endmacro %}

{% macro default__review_features_left_out(relation, customer_id, at, rating, as_of, customers, rating_range) -%}
    {{ mallard._left_out(mallard._review_events(relation, customer_id, at, rating, none, as_of, customers, rating_range)) }}
{%- endmacro %}
