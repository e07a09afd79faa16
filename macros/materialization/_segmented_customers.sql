{# Every customer with what scoring says. #}
{% macro _segmented_customers(scaled, centroids, plan, version) -%}
    select
        * exclude (mallard__reason, mallard__is_used{{ ', mallard__weight' if plan.weight }}),
        case
            when segment_id is null then 'excluded'
            when mallard__reason is null then 'assigned'
            else 'imputed'
        end as "assignment_status",
        {%- if centroids.get('outliers', {}).get('max_distance') is not none %}
        case
            when mallard__is_used and segment_id is null then coalesce(mallard__reason || '; ', '') || 'too far from every segment'
            else mallard__reason
        end as "status_reason",
        {%- else %}
        mallard__reason as "status_reason",
        {%- endif %}
        cast({{ version }} as integer) as "version"
    from ({{ mallard.default__scored_customers(scaled, centroids, 'mallard__scaled_', 'mallard__is_used') }})
{%- endmacro %}

{# The same with what the build before says, which is in `before`; none at the first. #}
{% macro _customers_with_history(segmented, before, plan) -%}
    {%- set now = mallard._this_moment() -%}
    {%- if not before -%}
        select
            *,
            cast(null as integer) as "previous_segment_id",
            {{ now }} as "segment_changed_at",
            true as "is_new"
        from ({{ segmented }})
    {%- else -%}
        select
            mallard__now.* exclude (mallard__id),
            mallard__before.segment_id as "previous_segment_id",
            case
                when mallard__before.mallard__id is null or mallard__now.segment_id is distinct from mallard__before.segment_id then {{ now }}
                else mallard__before.segment_changed_at
            end as "segment_changed_at",
            mallard__before.mallard__id is null as "is_new"
        from (select *, {{ mallard._comparable_id(before, plan).now }} as mallard__id from ({{ segmented }})) as mallard__now
        left join ({{ mallard._segments_before(before, plan) }}) as mallard__before on mallard__now.mallard__id = mallard__before.mallard__id
    {%- endif -%}
{%- endmacro %}

{# Where customers were at the build before, by ids that compare with those of today. #}
{% macro _segments_before(before, plan) -%}
    select
        {{ mallard._comparable_id(before, plan).before }} as mallard__id,
        segment_id,
        segment_changed_at
    from {{ before }}
{%- endmacro %}

{# The columns of customers and these, without a row: for dbt build --empty, and where nothing is fitted yet. #}
{% macro _customers_without_rows(customers, columns) -%}
    select
        *
        {%- for column, (type, _) in columns.items() %},
        cast(null as {{ type }}) as "{{ column }}"
        {%- endfor %}
    from {{ customers }}
    where false
{%- endmacro %}
