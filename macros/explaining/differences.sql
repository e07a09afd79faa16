{% macro differences(segmentation, first, second, group=none) -%}
    {{ return(mallard._sql(adapter.dispatch('differences', 'mallard')(segmentation, first, second, group))) }}
{%- endmacro %}

{# Cohen's d is in pooled standard deviations (Cohen, "Statistical power analysis for the behavioral sciences", 1988), and Cramér's V is
   corrected for bias (Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", Journal of the Korean Statistical Society 42, 2013), or
   else columns of names and the like would come first. What makes both comparable is the correlation with being in the first segment
   rather than the second: V is that already, and of numbers it is Pearson's, in absolute value. #}
{% macro default__differences(segmentation, first, second, group=none) -%}
    {%- set stored = mallard.stored_version(segmentation) -%}
    {%- if stored is none -%}
        {%- set start = "'' as \"group\", " if mallard._group_column_of(segmentation) else '' -%}
        {{ return(mallard._customers_without_rows('(select ' ~ start ~ "'' as \"column_name\")", mallard._columns_of_a_difference())) }}
    {%- endif -%}
    {%- set part = mallard._named_part(segmentation, stored, group, 'mallard.differences') -%}
    {%- set stored = part.stored -%}
    {%- do mallard._check_segment('first', first, segmentation, part) -%}
    {%- do mallard._check_segment('second', second, segmentation, part) -%}
    {%- if first == second -%}
        {%- do mallard._refuse('second', second, 'it is the first segment; choose another one') -%}
    {%- endif -%}
    {%- set weight = 'cast(' ~ mallard._quoted(stored.weight_column) ~ ' as double)' if stored.weight_column else none -%}
    {%- set measures, queries = [], [] -%}
    {%- for column in mallard._compared_columns(segmentation, part) -%}
        {%- if column.kind == 'text' -%}
            {%- do queries.append(mallard._difference_of_texts(column, first, second, weight)) -%}
        {%- else -%}
            {%- do measures.append(column) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for some in measures | batch(32) -%}
        {%- do queries.append(mallard._differences_of_numbers(some, first, second, weight)) -%}
    {%- endfor -%}
    {%- if not queries -%}
        {%- do mallard._stop(
            segmentation.identifier ~ ' has nothing to compare: add a column of numbers, texts, booleans or dates to its select.'
        ) -%}
    {%- endif -%}
    with mallard__both as (

        select * from {{ part.customers }}
        where segment_id in ({{ first }}, {{ second }})

    ),

    mallard__differences as (

        {{ queries | join(' union all ') }}

    )

    select
        {{ mallard._group_of_part(part) }}
        column_name as "column_name",
        is_feature as "is_feature",
        cast({{ first }} as integer) as "first_segment_id",
        cast({{ second }} as integer) as "second_segment_id",
        measure as "measure",
        effect_size as "effect_size",
        association as "association",
        first_mean as "first_mean",
        second_mean as "second_mean",
        value as "value",
        first_share as "first_share",
        second_share as "second_share",
        first_n as "first_n",
        second_n as "second_n",
        first_n_missing as "first_n_missing",
        second_n_missing as "second_n_missing"
    from mallard__differences
    order by association desc nulls last, place asc
{%- endmacro %}

{# The columns of the select that numbers, times or texts are in, without the id, the weight and what a segmentation adds. #}
{% macro _compared_columns(segmentation, part) -%}
    {%- set stored, left_out = part.stored, ['group'] if part.group is not none else [] -%}
    {%- set added = mallard._added_columns() + mallard._table('customers').by_settings | list -%}
    {%- for name in added + [stored.id, stored.weight_column or stored.id] -%} {%- do left_out.append(name | lower) -%} {%- endfor -%}
    {%- set features = stored.columns | map('lower') | list -%}
    {%- set query -%}
        select column_name as "name", {{ mallard._sort_of_type('column_type') }} as "sort" from {{ mallard._described(segmentation) }}
    {%- endset -%}
    {%- set columns = [] -%}
    {%- for row in mallard._query(query) if row['name'] | lower not in left_out -%}
        {%- set sort = row['sort'] -%}
        {%- set kind = 'number' if sort in ['whole number', 'fraction'] else 'text' if sort in ['text', 'BOOLEAN'] else none -%}
        {%- set kind = 'time' if sort.startswith('DATE') or sort.startswith('TIMESTAMP') else kind -%}
        {%- if kind -%}
            {%- do columns.append({
                'name': row['name'], 'kind': kind, 'place': loop.index, 'is_feature': row['name'] | lower in features
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{# Numbers whose squares can be summed, and moments, whose difference can be told, but not their mean. #}
{% macro _compared_number(column) -%}
    {%- if column.kind == 'time' -%}
        {{ return(mallard._microseconds(column.name)) }}
    {%- endif -%}
    {%- set number = 'cast(' ~ mallard._quoted(column.name) ~ ' as double)' -%}
    {{ return('case when abs(' ~ number ~ ') <= 1e140 then ' ~ number ~ ' end') }}
{%- endmacro %}

{% macro _differences_of_numbers(columns, first, second, weight) -%}
    {%- set features = [] -%}
    {%- for column in columns -%}
        {%- do features.append(mallard._for_deviations({'expression': mallard._compared_number(column)})) -%}
    {%- endfor -%}
    {%- set of_segments -%}
        (
            select *
            from (
                select
                    segment_id,
                    {%- for feature in features %}
                    {%- set n = loop.index0 %}
                    count({{ feature.expression }}) as n_{{ n }},
                    count(*) - count({{ feature.expression }}) as n_missing_{{ n }},
                    cast({{ mallard._count(feature.expression, weight) }} as double) as count_{{ n }}{{ ',' if not loop.last }}
                    {%- endfor %}
                from {{ mallard._weighed('mallard__both', weight) }}
                group by segment_id
            )
            inner join ({{ mallard._statistics('mallard__both', {'features': features, 'weight': weight}, 'segment_id') }}) using (segment_id)
        )
    {%- endset %}
    select
        unnest([
            {%- for column in columns %}
            {%- set n = loop.index0 %}
            {%- set apart = '(one.center_N - other.center_N)' | replace('N', n | string) %}
            {%- set within = '(one.count_N * one.spread_N * one.spread_N + other.count_N * other.spread_N * other.spread_N)'
                | replace('N', n | string) %}
            {%- set between = '(one.count_N * other.count_N / nullif(one.count_N + other.count_N, 0) * ' | replace('N', n | string)
                ~ apart ~ ' * ' ~ apart ~ ')' %}
            {%- set pooled = '(' ~ within ~ ' / nullif(one.count_N + other.count_N - 2, 0))' | replace('N', n | string) %}
            {
                {{ mallard._described_column(column) }},
                'measure': 'cohens_d',
                'effect_size': {{ apart }} / nullif(sqrt({{ pooled }}), 0),
                'association': sqrt({{ between }} / nullif({{ between }} + {{ within }}, 0)),
                'first_mean': {{ 'cast(null as double)' if column.kind == 'time' else 'one.center_' ~ n }},
                'second_mean': {{ 'cast(null as double)' if column.kind == 'time' else 'other.center_' ~ n }},
                'value': cast(null as varchar),
                'first_share': cast(null as double),
                'second_share': cast(null as double),
                'first_n': one.n_{{ n }},
                'second_n': other.n_{{ n }},
                'first_n_missing': one.n_missing_{{ n }},
                'second_n_missing': other.n_missing_{{ n }}
            }{{ ',' if not loop.last }}
            {%- endfor %}
        ], recursive := true)
    from {{ of_segments }} as one
    cross join {{ of_segments }} as other
    where one.segment_id = {{ first }} and other.segment_id = {{ second }}
{%- endmacro %}

{% macro _described_column(column) -%}
    'place': {{ column.place }},
    'column_name': {{ mallard._literal(column.name) }},
    'is_feature': {{ column.is_feature | string | lower }}
{%- endmacro %}

{# With two segments, the mean square contingency is a sum over the values. None of its terms, nor their sum, exceeds the number of
   customers. What fewer than five customers have says who they are, so it isn't shown. #}
{% macro _difference_of_texts(column, first, second, weight) -%}
    select
        unnest([{
            {{ mallard._described_column(column) }},
            'measure': 'cramers_v',
            'effect_size': v,
            'association': v,
            'first_mean': cast(null as double),
            'second_mean': cast(null as double),
            'value': value,
            'first_share': first_share,
            'second_share': second_share,
            'first_n': first_n,
            'second_n': second_n,
            'first_n_missing': first_n_all - first_n,
            'second_n_missing': second_n_all - second_n
        }], recursive := true)
    from (
        select
            *,
            sqrt(
                greatest(0.0, contingency - (n_values - 1) / nullif(of_both - 1, 0))
                / nullif(least(n_values - 1 - pow(n_values - 1, 2) / nullif(of_both - 1, 0), 1 - 1 / nullif(of_both - 1, 0)), 0)
            ) as v
        from (
            select
                count(*) as n_values,
                any_value(of_both) as of_both,
                cast(sum(first_n) as bigint) as first_n,
                cast(sum(second_n) as bigint) as second_n,
                {{ mallard.default__exact_sum('pow(of_first - of_value * first_of_all / of_both, 2) / of_value', 'scale') }}
                * (1 / nullif(any_value(first_of_all), 0) + 1 / nullif(any_value(second_of_all), 0)) as contingency,
                {%- for name in ['value', 'first_share', 'second_share'] %}
                min_by({{ name }}, row(-abs(first_share - second_share), value)) filter (
                    first_n + second_n >= {{ mallard._fewest_described() }}
                ) as {{ name }}{{ ',' if not loop.last }}
                {%- endfor %}
            from (
                select
                    *,
                    of_first / nullif(first_of_all, 0) as first_share,
                    of_second / nullif(second_of_all, 0) as second_share,
                    {{ mallard.default__sum_scale('of_both') }} as scale
                from (
                    select
                        *,
                        of_first + of_second as of_value,
                        {{ mallard._of_all_values('of_first') }} as first_of_all,
                        {{ mallard._of_all_values('of_second') }} as second_of_all,
                        {{ mallard._of_all_values('of_first') }} + {{ mallard._of_all_values('of_second') }} as of_both
                    from (
                        select
                            value,
                            {%- for place, id in {'first': first, 'second': second}.items() %}
                            count(*) filter (segment_id = {{ id }}) as {{ place }}_n,
                            {{ mallard._count_of_segment(id, weight) }} as of_{{ place }}{{ ',' if not loop.last }}
                            {%- endfor %}
                        from (
                            {{ mallard._texts_by_segment(mallard._weighed_together('mallard__both', weight), column.name, weight) }}
                        )
                        where value is not null
                        group by value
                    )
                )
            )
        )
    )
    cross join (
        select
            count(*) filter (segment_id = {{ first }}) as first_n_all,
            count(*) filter (segment_id = {{ second }}) as second_n_all
        from mallard__both
    )
{%- endmacro %}

{# Customers with what sums of their weights over several segments need to know. #}
{% macro _weighed_together(customers, weight) -%}
    {%- if not weight -%}
        {{ return(customers) }}
    {%- endif -%}
    (
        select * from {{ customers }}
        cross join (select {{ mallard.default__sum_scale('max(' ~ weight ~ ')') }} as mallard__weight_scale from {{ customers }})
    )
{%- endmacro %}

{# How often the customers of a segment count. #}
{% macro _count_of_segment(id, weight) -%}
    coalesce(cast({{ mallard._count_where('segment_id = ' ~ id, weight and 'mallard__weight') }} as double), 0)
{%- endmacro %}

{# The sum of a column over all values of a text, in their order. #}
{% macro _of_all_values(column) -%}
    sum({{ column }}) over (order by value asc rows between unbounded preceding and unbounded following)
{%- endmacro %}

{% macro _columns_of_a_difference() -%}
    {{ return({
        'is_feature': ['boolean', 'Whether a feature is made of it.'],
        'first_segment_id': ['integer', 'One segment.'],
        'second_segment_id': ['integer', 'The other.'],
        'measure': ['varchar', 'cohens_d or cramers_v.'],
        'effect_size': ['double', 'The effect size by that measure.'],
        'association': ['double', 'Correlation with being in the first segment rather than the second, in absolute value.'],
        'first_mean': ['double', 'Mean in the first segment.'],
        'second_mean': ['double', 'Mean in the second.'],
        'value': ['varchar', 'The value of a text whose shares differ most.'],
        'first_share': ['double', 'Its share of the values in the first segment.'],
        'second_share': ['double', 'Its share of the values in the second.'],
        'first_n': ['bigint', 'Customers of the first segment with a value.'],
        'second_n': ['bigint', 'Customers of the second with a value.'],
        'first_n_missing': ['bigint', 'Customers of the first segment without one.'],
        'second_n_missing': ['bigint', 'Customers of the second without one.'],
    }) }}
{%- endmacro %}
