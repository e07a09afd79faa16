{% macro attribute_profiles(customers, numbers=[], texts=[], times=[], weight_column=none, words=none) -%}
    {{ return(mallard._sql(adapter.dispatch('attribute_profiles', 'mallard')(customers, numbers, texts, times, weight_column, words))) }}
{%- endmacro %}

{# As for feature_profiles, a table is read as often as it is needed. #}
{% macro default__attribute_profiles(customers, numbers=[], texts=[], times=[], weight_column=none, words=none, is_table=false) -%}
    {%- if not (numbers or texts or times) -%}
        {{ return(mallard._empty_table('attributes')) }}
    {%- endif -%}
    {%- set weight = 'cast(' ~ mallard._quoted(weight_column) ~ ' as double)' if weight_column else none -%}
    {%- set measures = [] -%}
    {%- for column in numbers -%} {%- do measures.append({'column': column, 'expression': mallard._finite(column)}) -%} {%- endfor -%}
    {%- for column in times -%}
        {%- do measures.append({'column': column, 'expression': mallard._microseconds(column), 'is_time': true}) -%}
    {%- endfor -%}
    {%- set names = {} -%}
    {%- for column in numbers + times + texts -%}
        {%- do names.update({column: {
            'place': loop.index0, 'attribute': mallard._literal(column), 'label': mallard._literal(mallard._word(column, words))
        }}) -%}
    {%- endfor -%}
    {%- set queries = [] -%}
    {%- for some in measures | batch(32) -%} {%- do queries.append(mallard._attributes_of_measures(some, weight, names)) -%} {%- endfor -%}
    {%- for column in texts -%} {%- do queries.append(mallard._attribute_of_texts(column, weight, names[column])) -%} {%- endfor -%}
    with assigned as {{ 'not materialized ' if is_table }}(

        select * from {{ customers }}
        where segment_id is not null

    ),

    sizes as (

        select
            segment_id,
            segment_name,
            mallard__count,
            {{ mallard._of_all_segments('mallard__count') }} as mallard__count_of_all
        from ({{ mallard._sizes('assigned', weight) }})

    ),

    described as (

        {{ queries | join(' union all ') }}

    )

    select
        segment_id as "segment_id",
        segment_name as "segment_name",
        attribute as "attribute",
        label as "label",
        value as "value",
        n_customers as "n_customers",
        mallard__with / mallard__count as "share",
        mallard__with_of_all / mallard__count_of_all as "overall_share",
        mean as "mean",
        median as "median",
        overall_mean as "overall_mean",
        overall_median as "overall_median",
        z_score as "z_score",
        median_at as "median_at",
        overall_median_at as "overall_median_at"
    from described
    inner join sizes using (segment_id)
    where mallard__n_of_all >= {{ mallard._fewest_described() }}
    order by segment_id asc, place asc, rank asc
{%- endmacro %}

{# Numbers and times, which have a middle: for times, that is the median of their microseconds. #}
{% macro _attributes_of_measures(measures, weight, names) -%}
    {%- set for_means, for_deviations, for_medians = [], [], [] -%}
    {%- for measure in measures -%}
        {%- do for_means.append(mallard._for_means(measure)) -%}
        {%- do for_deviations.append(mallard._for_deviations(measure)) -%}
        {%- do for_medians.append([measure.expression, 0.5]) -%}
    {%- endfor -%}
    select
        segment_id,
        unnest([
            {%- for measure in measures %}
            {%- set n = loop.index0 %}
            {
                {%- for name, sql in names[measure.column].items() %}
                '{{ name }}': {{ sql }},
                {%- endfor %}
                'value': cast(null as varchar),
                'rank': 1,
                'n_customers': n_customers_{{ n }},
                'mallard__n_of_all': n_of_all_{{ n }},
                'mallard__with': with_{{ n }},
                'mallard__with_of_all': with_of_all_{{ n }},
                {%- for name, sql in (mallard._middles_of_times(n) if measure.is_time else mallard._middles_of_numbers(n)).items() %}
                '{{ name }}': {{ sql }}{{ ',' if not loop.last }}
                {%- endfor %}
            }{{ ',' if not loop.last }}
            {%- endfor %}
        ], recursive := true)
    from (
        select
            segment_id,
            {%- for measure in measures %}
            {%- set n = loop.index0 %}
            n_customers_{{ n }},
            {{ mallard._of_all_segments('n_customers_' ~ n) }} as n_of_all_{{ n }},
            with_{{ n }},
            {{ mallard._of_all_segments('with_' ~ n) }} as with_of_all_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            select
                segment_id,
                {%- for measure in measures %}
                {%- set n = loop.index0 %}
                count({{ measure.expression }}) as n_customers_{{ n }},
                coalesce(cast({{ mallard._count(measure.expression, weight) }} as double), 0) as with_{{ n }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ mallard._weighed('assigned', weight) }}
            group by segment_id
        )
    )
    inner join ({{ mallard._statistics('assigned', {'features': for_means, 'weight': weight}, 'segment_id') }}) as of_segments using (segment_id)
    cross join ({{ mallard._statistics('assigned', {'features': for_deviations, 'weight': weight}) }}) as everybody
    left join ({{ mallard._quantiles('assigned', for_medians, weight, 'segment_id') }}) as medians using (segment_id)
    cross join ({{ mallard._quantiles('assigned', for_medians, weight) }}) as overall_medians
{%- endmacro %}

{% macro _middles_of_numbers(n) -%}
    {{ return({
        'mean': 'of_segments.filler_' ~ n,
        'median': 'medians.mallard__quantile_' ~ n,
        'overall_mean': 'everybody.center_' ~ n,
        'overall_median': 'overall_medians.mallard__quantile_' ~ n,
        'z_score': '(of_segments.filler_N - everybody.center_N) / nullif(everybody.spread_N, 0)' | replace('N', n | string),
        'median_at': 'cast(null as timestamp)',
        'overall_median_at': 'cast(null as timestamp)',
    }) }}
{%- endmacro %}

{% macro _middles_of_times(n) -%}
    {%- set middles = {} -%}
    {%- for name in ['mean', 'median', 'overall_mean', 'overall_median', 'z_score'] -%}
        {%- do middles.update({name: 'cast(null as double)'}) -%}
    {%- endfor -%}
    {%- do middles.update(
        median_at='make_timestamp(cast(round(medians.mallard__quantile_' ~ n ~ ') as bigint))',
        overall_median_at='make_timestamp(cast(round(overall_medians.mallard__quantile_' ~ n ~ ') as bigint))'
    ) -%}
    {{ return(middles) }}
{%- endmacro %}

{# The texts of a column, or its booleans as texts, with how often the customers count, if they have weights. #}
{% macro _texts_by_segment(weighed, column, weight) -%}
    select
        segment_id,
        {%- if weight %}
        mallard__weight_scale,
        {{ weight }} as mallard__weight,
        {%- endif %}
        {{ mallard._exact_text(mallard._quoted(column)) }} as value
    from {{ weighed }}
{%- endmacro %}

{# The commonest values of a column of texts or booleans. Of equally common ones, the first in the order of their characters wins. #}
{% macro _attribute_of_texts(column, weight, names) -%}
    select
        segment_id,
        {%- for name, sql in names.items() %}
        {{ sql }} as {{ name }},
        {%- endfor %}
        cast(value as varchar) as value,
        row_number() over (partition by segment_id order by mallard__with desc, value asc) as rank,
        n_customers,
        mallard__n_of_all,
        mallard__with,
        mallard__with_of_all,
        cast(null as double) as mean,
        cast(null as double) as median,
        cast(null as double) as overall_mean,
        cast(null as double) as overall_median,
        cast(null as double) as z_score,
        cast(null as timestamp) as median_at,
        cast(null as timestamp) as overall_median_at
    from (
        select
            *,
            sum(mallard__with) over (
                partition by value order by segment_id asc rows between unbounded preceding and unbounded following
            ) as mallard__with_of_all,
            sum(n_customers) over (partition by value) as mallard__n_of_all
        from (
            select
                segment_id,
                value,
                count(*) as n_customers,
                cast({{ mallard._count('value', weight and 'mallard__weight') }} as double) as mallard__with
            from (
                {{ mallard._texts_by_segment(mallard._weighed('assigned', weight), column, weight) }}
            )
            where value is not null
            group by segment_id, value
        )
    )
    where mallard__n_of_all >= {{ mallard._fewest_described() }}
    qualify rank <= 5
{%- endmacro %}

{# What fewer customers of all have, a value of a text or any number or date, says who they are rather than what segments are like. #}
{% macro _fewest_described() -%}
    {{ return(5) }}
{%- endmacro %}

{# A date or time as a number, in UTC; null if it is infinite, or beyond what a timestamp can hold: by the interval, a date becomes one. #}
{% macro _microseconds(column) -%}
    {{ return('cast(epoch_us(try(' ~ mallard._quoted(column) ~ ' + interval 0 day)) as double)') }}
{%- endmacro %}
