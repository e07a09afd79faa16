-- One row per reason why activity or reviews can't be used.
{%- set columns = {'customer_id': 'customer_id', 'customers': ref('community_accounts'), 'as_of': '2026-06-30'} %}
select
    'activity' as events,
    *
from ({{ mallard.activity_left_out(ref('community_activity'), at='happened_at', kind='kind', **columns) }})
union all
select
    'reviews' as events,
    *
from ({{ mallard.review_features_left_out(ref('community_reviews'), at='reviewed_at', rating='rating', **columns) }})
