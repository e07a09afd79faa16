{# The given centroids, scaled as customers are. #}
{% macro _scaled_starts(starts, statistics, plan) -%}
    {%- set features = mallard.default__scaled_features(statistics, 'mallard__scaled_', with_weight=false) -%}
    {%- set scaled = 'select segment_id, ' ~ features ~ ' from ' ~ starts -%}
    {{ mallard.default__directions('(' ~ scaled ~ ')', statistics, 'mallard__scaled_') if mallard._metric(plan.metric).spherical else scaled }}
{%- endmacro %}
