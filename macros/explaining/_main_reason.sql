{# The segmented customers of a build with the column main_reason: the feature that speaks most for their segment against the second, in
   words; where rules give the segments, the rule. Null for who has no segment or no second one. #}
{% macro _with_main_reasons(segmented, centroids, statistics, plan) -%}
    {%- if centroids.get('rules') -%}
        {{ return(mallard._with_rules_as_reasons(segmented)) }}
    {%- endif -%}
    {%- do mallard._write_out_vectors(centroids) -%}
    {%- set reasons = mallard._reasons(centroids, statistics, plan) -%}
    {%- set terms = [] -%}
    {%- for of in statistics.features -%}
        {%- set x = mallard._quoted('mallard__scaled_' ~ of.name) -%}
        {%- do terms.append(mallard._speaks_for(of, x, 'mallard__own.c' ~ loop.index, 'mallard__second.c' ~ loop.index)) -%}
    {%- endfor -%}
    with mallard__centroids as (

        {{ mallard._centroid_rows(centroids.segments, statistics.features) }}

    ),

    mallard__compared as (

        select
            mallard__rescaled.*,
            {%- for of in statistics.features if not of.size %}
            mallard__own.c{{ statistics.features.index(of) + 1 }} as mallard__own_{{ statistics.features.index(of) + 1 }},
            mallard__second.c{{ statistics.features.index(of) + 1 }} as mallard__second_{{ statistics.features.index(of) + 1 }},
            {%- endfor %}
            [
                {{ terms | join(',\n                ') }}
            ] as mallard__terms
        from ({{ mallard._scaled_customers('(' ~ segmented ~ ')', dict(statistics, weight=none), plan) }}) as mallard__rescaled
        left join mallard__centroids as mallard__own on mallard__rescaled.segment_id = mallard__own.segment_id
        left join mallard__centroids as mallard__second on mallard__rescaled.second_segment_id = mallard__second.segment_id

    )

    select
        * exclude (
            mallard__is_used, mallard__reason, mallard__terms
            {%- for of in statistics.features %}, {{ mallard._quoted('mallard__scaled_' ~ of.name) }}{% endfor %}
            {%- for of in statistics.features if not of.size %}
            , mallard__own_{{ statistics.features.index(of) + 1 }}, mallard__second_{{ statistics.features.index(of) + 1 }}
            {%- endfor %}
        ),
        cast(
            case when second_segment_id is not null then
                case list_position(mallard__terms, list_max(mallard__terms))
                    {%- for reason in reasons %}
                    when {{ loop.index }} then {{ reason }}
                    {%- endfor %}
                end
            end as varchar
        ) as "main_reason"
    from mallard__compared
{%- endmacro %}

{% macro _with_rules_as_reasons(segmented) -%}
    {%- set rules = [] -%}
    {%- for rule in mallard._found_rules() if rule.segment_id is not none -%}
        {%- do rules.append(dict(rule, words=mallard._literal(rule.words))) -%}
    {%- endfor -%}
    select
        *,
        cast(case when second_segment_id is not null then {{ mallard._case_of_rules(rules, 'words') }} end as varchar) as "main_reason"
    from ({{ segmented }})
{%- endmacro %}

{# SQL for the words of each feature. #}
{% macro _reasons(centroids, statistics, plan) -%}
    {%- set are_directions = mallard._metric(centroids.metric).spherical -%}
    {%- set shares, decimals = {}, mallard._decimals(centroids, statistics) -%}
    {%- for feature in plan.features -%} {%- do shares.update({feature.name: feature.is_share}) -%} {%- endfor -%}
    {%- set reasons = [] -%}
    {%- for of in statistics.features -%}
        {%- set n = loop.index -%}
        {%- set label = plan.words[of.name] -%}
        {%- if of.size or are_directions -%}
            {%- set start = 'in proportion, ' if are_directions else '' -%}
            {%- do reasons.append(mallard._literal(start ~ label ~ ' is nearer to this segment than to the second')) -%}
        {%- else -%}
            {%- set position = mallard._unscaled(of, centroids) -%}
            {%- set own, second = position | replace('{}', 'mallard__own_' ~ n), position | replace('{}', 'mallard__second_' ~ n) -%}
            {%- do reasons.append(
                mallard._reason_of_share(of, label, own, second) if shares[of.name]
                else mallard._reason_of_number(of, label, own, second, decimals[of.name])
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(reasons) }}
{%- endmacro %}

{% macro _reason_of_number(of, label, own, second, decimals) -%}
    {%- set inverse = mallard._scale_of(of).inverse | replace('{unit}', mallard._double(of.unit)) -%}
    {%- set filler = inverse | replace('{}', mallard._double(of.filler)) -%}
    {{ mallard._literal(label) }} || ' of ' || case
        when {{ of.expression }} is not null then {{ mallard._in_digits(of.expression, decimals) }}
        else {{ mallard._in_digits(filler, decimals) }} || ', filled in,'
    end
    || ' is nearer to ' || {{ mallard._in_digits(own, decimals) }} || ' than to ' || {{ mallard._in_digits(second, decimals) }}
{%- endmacro %}

{# What is 0 or 1 has shares as means. #}
{% macro _reason_of_share(of, label, own, second) -%}
    {%- set here = mallard._in_digits('100 * (' ~ own ~ ')', 0) ~ " || ' %" -%}
    {%- set there = mallard._in_digits('100 * (' ~ second ~ ')', 0) ~ " || ' %" -%}
    case
        when {{ of.expression }} is null then {{ mallard._literal(label ~ ', filled in, is nearer to ') }} || {{ here }} than to ' || {{ there }}'
        else case when {{ of.expression }} = 1 then {{ mallard._literal(label ~ ', like ') }} else {{ mallard._literal('not ' ~ label ~ ', unlike ') }} end
            || {{ here }} of this segment and ' || {{ there }} of the second'
    end
{%- endmacro %}

{# A number as text. Rounded first, because engines print what is half way differently. #}
{% macro _in_digits(number, decimals) -%}
    printf('%.{{ decimals }}f', round({{ number }}, {{ decimals }}) + 0)
{%- endmacro %}

{# As many decimals for each number as show two digits of the difference between its lowest and its highest centroid. #}
{% macro _decimals(centroids, statistics) -%}
    {%- set decimals = {} -%}
    {%- set query -%}
        select feature as "feature", max(centroid) - min(centroid) as "range"
        from ({{ mallard.default__centroid_table(centroids, statistics) }})
        where centroid is not null
        group by feature
    {%- endset -%}
    {%- for row in mallard._query(query) -%}
        {%- set enough = [] -%}
        {%- for n in range(6) if row['range'] | float * 10 ** n >= 10 -%} {%- do enough.append(n) -%} {%- endfor -%}
        {%- do decimals.update({row['feature']: enough[0] if enough else 6}) -%}
    {%- endfor -%}
    {{ return(decimals) }}
{%- endmacro %}

{# Give centroids their vectors, as the texts of lists. #}
{% macro _write_out_vectors(centroids) -%}
    {%- for feature, vector in centroids.vectors.items() -%}
        {%- set query -%}
            select segment_id as "segment_id", {{ mallard._digits_of(mallard._vector_of(vector)) }} as "vector"
            from {{ centroids.relation }}
        {%- endset -%}
        {%- set by_segment = {} -%}
        {%- for row in mallard._query(query) -%}
            {%- do by_segment.update({row['segment_id'] | int: mallard._digits(row['vector'])}) -%}
        {%- endfor -%}
        {%- for segment in centroids.segments -%}
            {%- do segment.centroid.update({feature: by_segment[segment.segment_id]}) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
