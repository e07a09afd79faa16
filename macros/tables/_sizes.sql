{# One row per segment, with its customers, how often they count, and what they are worth, if there is a column of that. #}
{% macro _sizes(assigned, weight, value_column=none) -%}
    {%- set value = mallard._finite(value_column) if value_column else none -%}
    select
        segment_id,
        any_value(segment_name) as segment_name,
        count(*) as n_customers,
        {%- if value %}
        coalesce({{ mallard.default__exact_sum(mallard._weighted(value, weight), 'mallard__value_scale') }}, 0) as total_value,
        {%- endif %}
        cast({{ mallard._count('segment_id', weight) }} as double) as mallard__count
    from {{ mallard._weighed(assigned, weight) }}
    {%- if value %}
    inner join (
        select
            segment_id,
            {{ mallard.default__sum_scale(mallard._weighted('max(abs(' ~ value ~ '))', weight and 'max(' ~ weight ~ ')')) }} as mallard__value_scale
        from {{ assigned }}
        group by segment_id
    ) using (segment_id)
    {%- endif %}
    group by segment_id
{%- endmacro %}

{# The customers with what sums of the weights in their segment need to know. #}
{% macro _weighed(assigned, weight) -%}
    {%- if not weight -%}
        {{ return(assigned) }}
    {%- endif -%}
    (
        select * from {{ assigned }}
        inner join (
            select
                {{ mallard._weight_scales(weight) }}
                segment_id
            from {{ assigned }}
            group by segment_id
        ) using (segment_id)
    )
{%- endmacro %}

{# The sum of a column over the segments, one row each, in their order. #}
{% macro _of_all_segments(column) -%}
    sum({{ column }}) over (order by segment_id asc rows between unbounded preceding and unbounded following)
{%- endmacro %}
