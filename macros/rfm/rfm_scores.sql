{% macro rfm_scores(relation, customer_id='customer_id', recency='recency_days', frequency='orders', monetary='revenue') -%}
    {{ return(mallard._sql(adapter.dispatch('rfm_scores', 'mallard')(relation, customer_id, recency, frequency, monetary))) }}
{%- endmacro %}

{% macro default__rfm_scores(relation, customer_id, recency, frequency, monetary) -%}
    {%- set measures = {'recency': recency, 'frequency': frequency, 'monetary': monetary} -%}
    {%- do mallard._check_names(relation, dict(measures, customer_id=customer_id)) -%}
    {%- set measured = mallard._measured_customers(relation, customer_id, measures) -%}
    with mallard__borders as (

        select
            {%- for measure in measures %}
            {{ mallard._quintile_borders('mallard__' ~ measure) }} as mallard__borders_of_{{ measure }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ measured }}

    ),

    mallard__scored as (

        select
            *,
            {{ mallard._quintile('recency') }} as r_score,
            {{ mallard._quintile('frequency') }} as f_score,
            {{ mallard._quintile('monetary') }} as m_score
        from {{ measured }}
        cross join mallard__borders

    )

    select
        {{ mallard._quoted(customer_id) }},
        {%- for column in measures.values() %}
        {{ mallard._quoted(column) }},
        {%- endfor %}
        r_score as "r_score",
        f_score as "f_score",
        m_score as "m_score",
        cast(r_score as varchar) || cast(f_score as varchar) || cast(m_score as varchar) as "rfm_score",
        {{ mallard._rfm_segment('r_score', 'f_score') }} as "rfm_segment"
    from mallard__scored
{%- endmacro %}

{# The customers with their measures as numbers, of which more is better. They are null if one of them is missing: who lacks one
   counts in no border. #}
{% macro _measured_customers(relation, customer_id, measures) -%}
    {%- set are_known = [] -%}
    {%- for column in measures.values() -%}
        {%- do are_known.append('isfinite(cast(' ~ mallard._quoted(column) ~ ' as double))') -%}
    {%- endfor -%}
    (
        select
            {{ mallard._quoted(customer_id) }}
            {%- for measure, column in measures.items() %},
            {{ mallard._quoted(column) }},
            case
                when {{ are_known | join(' and ') }} then {{ '-' if measure == 'recency' }}cast({{ mallard._quoted(column) }} as double)
            end as mallard__{{ measure }}
            {%- endfor %}
        from {{ relation }}
    )
{%- endmacro %}

{# The largest value at or below each of the four quintiles. No value lies between the two, so a value above the one is above the other;
   but a value in the data is exact, where interpolation may round. #}
{% macro _quintile_borders(column) -%}
    {%- set sorted = 'list_sort(list(' ~ column ~ ') filter (' ~ column ~ " is not null), 'asc')" -%}
    [{% for n in range(1, 5) %}{{ sorted }}[1 + (count({{ column }}) - 1) * {{ n }} // 5]{{ ', ' if not loop.last }}{% endfor %}]
{%- endmacro %}

{# 1, and 1 for every border that the value is above. #}
{% macro _quintile(measure) -%}
    (1{% for n in range(1, 5) %} + cast(mallard__{{ measure }} > mallard__borders_of_{{ measure }}[{{ n }}] as integer){% endfor %})
{%- endmacro %}
