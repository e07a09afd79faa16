{# Every customer with the scaled features, whether it gets a segment, and the reasons for anything but a plain yes. Lists of reasons take
   long, so they are made only where there is one. #}
{% macro _scaled_customers(customers, statistics, plan) -%}
    {%- set reasons, conditions = [], [] -%}
    {%- for column, is_missing in plan.missing.items() -%}
        {%- do conditions.append('(' ~ is_missing ~ ')') -%}
        {%- do reasons.append('case when ' ~ is_missing ~ ' then ' ~ mallard._literal(column ~ ' is missing') ~ ' end') -%}
    {%- endfor -%}
    {%- for column, is_out_of_range in plan.out_of_range.items() -%}
        {%- do conditions.append(is_out_of_range) -%}
        {%- do reasons.append('case when ' ~ is_out_of_range ~ ' then ' ~ mallard._literal(column ~ ' is out of range') ~ ' end') -%}
    {%- endfor -%}
    {%- set scaled -%}
        select
            *,
            {{ mallard.default__scaled_features(statistics, 'mallard__scaled_') }},
            {{ plan.is_used }} as mallard__is_used
        from {{ customers }}
    {%- endset -%}
    {%- if mallard._metric(plan.metric).spherical -%}
        {%- set scaled = mallard.default__directions('(' ~ scaled ~ ')', statistics, 'mallard__scaled_') -%}
        {%- set has_direction = mallard._quoted('mallard__scaled_' ~ statistics.features[0].name) ~ ' is not null' -%}
        {%- do conditions.append('mallard__is_used and not (' ~ has_direction ~ ')') -%}
        {%- do reasons.append("case when mallard__is_used and not (" ~ has_direction ~ ") then 'has no direction: every feature is 0' end") -%}
    {%- endif -%}
    select
        * {{ 'replace (mallard__is_used and ' ~ has_direction ~ ' as mallard__is_used)' if has_direction }},
        {%- if reasons %}
        case when {{ conditions | join(' or ') }} then array_to_string([{{ reasons | join(', ') }}], '; ') end as mallard__reason
        {%- else %}
        cast(null as varchar) as mallard__reason
        {%- endif %}
    from ({{ scaled }})
{%- endmacro %}

{% macro _check_spreads(statistics) -%}
    {%- for of in statistics.features if of.spread is none -%}
        {%- do mallard._stop(
            'feature ' ~ of.name ~ " can't be scaled, because it varies too little among the customers (its spread is 0): "
            ~ 'leave it out of features, or give it another scale.'
        ) -%}
    {%- endfor -%}
{%- endmacro %}
