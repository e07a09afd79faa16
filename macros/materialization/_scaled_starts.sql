{# The given centroids, scaled as customers are. #}
{% macro _scaled_starts(starts, statistics, plan) -%}
    {%- set features = mallard.default__scaled_features(statistics, 'mallard__scaled_', with_weight=false) -%}
    {%- set scaled = 'select segment_id, ' ~ features ~ ' from ' ~ starts -%}
    {%- set is_direction = mallard._metric(plan.metric).spherical -%}
    {{ mallard.default__directions('(' ~ scaled ~ ')', statistics, 'mallard__scaled_') if is_direction else scaled }}
{%- endmacro %}
