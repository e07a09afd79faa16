{% macro moved_customers(first, second, customer_id='customer_id') -%}
    {{ return(mallard._sql(adapter.dispatch('moved_customers', 'mallard')(first, second, customer_id))) }}
{%- endmacro %}

{# The square of a distance is a sum over features. A customer who has moved is nearer to the own centroid than to the usual one, and the
   feature that contributes most to the difference of the squares speaks most for the move. Both centroids are of the same group. #}
{% macro default__moved_customers(first, second, customer_id) -%}
    {%- do mallard._check_both(first, second, customer_id) -%}
    {%- set id = mallard._quoted(customer_id) -%}
    {%- set one, other = mallard.stored_version(first), mallard.stored_version(second) -%}
    {%- if one is none or other is none -%}
        {%- set columns = mallard._columns_of_a_move(mallard._group_column_of(first), mallard._group_column_of(second)) -%}
        {{ return(mallard._customers_without_rows('(select ' ~ id ~ ' from ' ~ first ~ ')', columns)) }}
    {%- endif -%}
    {%- set parts, remedy = mallard._stored_parts(second, other), 'compare with its rules, or give it as the first' -%}
    {%- for part in parts -%}
        {%- do mallard._check_is_not_by_rules(second, part.stored, 'mallard.moved_customers', remedy) -%}
    {%- endfor -%}
    {%- set known = [] -%}
    {%- for part in mallard._stored_parts(first, one) -%}
        {%- for of in part.stored.features -%}
            {%- do known.append('(' ~ mallard._literal(part.group or '') ~ ', ' ~ mallard._literal(of.name) ~ ')') -%}
        {%- endfor -%}
    {%- endfor -%}
    with mallard__moved as (

        select * from ({{ mallard._moves(first, second, customer_id, one, other) }})
        where second_segment_id != usual_segment_id

    ),

    mallard__known as (

        select first_group, feature from (values {{ known | join(', ') }}) as mallard__features (first_group, feature)

    ),

    mallard__reasons as (

        {%- for part in parts %}
        {{ mallard._reasons_to_move(part, id) }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}

    )

    select
        mallard__id as {{ id }},
        {{ 'mallard__reasons.first_group as "first_group",' if one.groups }}
        first_segment_id as "first_segment_id",
        first_segment_name as "first_segment_name",
        {{ 'second_group as "second_group",' if other.groups }}
        second_segment_id as "second_segment_id",
        second_segment_name as "second_segment_name",
        usual_segment_id as "usual_segment_id",
        usual_segment_name as "usual_segment_name",
        mallard__reasons.feature as "feature",
        mallard__known.feature is null as "is_added",
        share as "share"
    from mallard__reasons
    left join mallard__known
        on mallard__reasons.first_group = mallard__known.first_group
        and {{ mallard._exact_text('mallard__reasons.feature') }} = {{ mallard._exact_text('mallard__known.feature') }}
{%- endmacro %}

{# Those who moved within a part of the second, with the feature that speaks most for it, and its share. #}
{% macro _reasons_to_move(part, id) -%}
    {%- set stored = part.stored -%}
    {%- set names, scaled, terms = [], [], [] -%}
    {%- for of in stored.features -%}
        {%- set x, own, usual = 'mallard__x' ~ loop.index, 'own.c' ~ loop.index, 'usual.c' ~ loop.index -%}
        {%- do names.append(mallard._literal(of.name)) -%}
        {%- do scaled.append(mallard._quoted('mallard__scaled_' ~ of.name) ~ ' as ' ~ x) -%}
        {%- do terms.append(mallard._speaks_for(of, x, own, usual)) -%}
    {%- endfor -%}
    select
        * exclude (terms),
        [{{ names | join(', ') }}][list_position(terms, list_max(terms))] as feature,
        list_max(terms) / list_sum([term for term in terms if term > 0]) as share
    from (
        select
            mallard__moved.*,
            [
                {{ terms | join(',\n                ') }}
            ] as terms
        from mallard__moved
        inner join (
            select
                {{ mallard._exact_text(id) }} as mallard__exact_id,
                {{ scaled | join(',\n                ') }}
            from ({{ mallard._scaled_by(part.customers, stored) }})
        ) using (mallard__exact_id)
        inner join ({{ mallard._centroid_rows(stored.segments, stored.features) }}) as own
            on mallard__moved.second_segment_id = own.segment_id
        inner join ({{ mallard._centroid_rows(stored.segments, stored.features) }}) as usual
            on mallard__moved.usual_segment_id = usual.segment_id
        where mallard__moved.second_group = {{ mallard._literal(part.group or '') }}
    )
{%- endmacro %}

{# With those of the groups that the first or the second has. #}
{% macro _columns_of_a_move(first_group, second_group) -%}
    {%- set columns = {} -%}
    {%- do columns.update(first_group=['varchar', 'The group in the first segmentation.']) if first_group -%}
    {%- do columns.update(
        first_segment_id=['integer', 'The segment in the first segmentation.'],
        first_segment_name=['varchar', 'Its name.'],
    ) -%}
    {%- do columns.update(second_group=['varchar', 'The group in the second segmentation.']) if second_group -%}
    {%- do columns.update(
        second_segment_id=['integer', 'The segment in the second segmentation.'],
        second_segment_name=['varchar', 'Its name.'],
        usual_segment_id=['integer', 'The segment of the second to which most customers of the same segment of the first belong.'],
        usual_segment_name=['varchar', 'Its name.'],
        feature=['varchar', 'The feature that speaks most for the move.'],
        is_added=['boolean', "Whether the first segmentation doesn't have it."],
        share=['double', 'Its share of what speaks for the move.'],
    ) -%}
    {{ return(columns) }}
{%- endmacro %}
