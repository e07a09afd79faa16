{% macro moved_customers(first, second, customer_id='customer_id') -%}
    {{ return(mallard._sql(adapter.dispatch('moved_customers', 'mallard')(first, second, customer_id))) }}
{%- endmacro %}

{# The square of a distance is a sum over features. A customer who has moved is nearer to the own centroid than to the usual one, and the
   feature that contributes most to the difference of the squares speaks most for the move. #}
{% macro default__moved_customers(first, second, customer_id) -%}
    {%- do mallard._check_both(first, second, customer_id) -%}
    {%- set id = mallard._quoted(customer_id) -%}
    {%- set one = mallard._version_of_all(first, 'mallard.moved_customers') -%}
    {%- set other = mallard._version_of_all(second, 'mallard.moved_customers') -%}
    {%- if one is none or other is none -%}
        {{ return(mallard._customers_without_rows('(select ' ~ id ~ ' from ' ~ first ~ ')', mallard._columns_of_a_move())) }}
    {%- endif -%}
    {%- set remedy = 'compare with its rules, or give it as the first' -%}
    {%- do mallard._check_is_not_by_rules(second, other, 'mallard.moved_customers', remedy) -%}
    {%- set known = one.features | map(attribute='name') | list -%}
    {%- set names, are_added, scaled, terms = [], [], [], [] -%}
    {%- for of in other.features -%}
        {%- set x, own, usual = 'mallard__x' ~ loop.index, 'own.c' ~ loop.index, 'usual.c' ~ loop.index -%}
        {%- do names.append(mallard._literal(of.name)) -%}
        {%- do are_added.append((of.name not in known) | string | lower) -%}
        {%- do scaled.append(mallard._quoted('mallard__scaled_' ~ of.name) ~ ' as ' ~ x) -%}
        {%- do terms.append(mallard._speaks_for(of, x, own, usual)) -%}
    {%- endfor -%}
    with mallard__moved as (

        select * from ({{ mallard._moves(first, second, customer_id) }})
        where second_segment_id != usual_segment_id

    ),

    mallard__scaled as (

        select
            {{ mallard._exact_text(id) }} as mallard__exact_id,
            {{ scaled | join(',\n            ') }}
        from ({{ mallard._scaled_by(second, other) }})

    ),

    mallard__centroids as (

        {{ mallard._centroid_rows(other.segments, other.features) }}

    ),

    mallard__terms as (

        select
            mallard__moved.*,
            [
                {{ terms | join(',\n                ') }}
            ] as terms
        from mallard__moved
        inner join mallard__scaled using (mallard__exact_id)
        inner join mallard__centroids as own on mallard__moved.second_segment_id = own.segment_id
        inner join mallard__centroids as usual on mallard__moved.usual_segment_id = usual.segment_id

    )

    select
        mallard__id as {{ id }},
        first_segment_id as "first_segment_id",
        first_segment_name as "first_segment_name",
        second_segment_id as "second_segment_id",
        second_segment_name as "second_segment_name",
        usual_segment_id as "usual_segment_id",
        usual_segment_name as "usual_segment_name",
        [{{ names | join(', ') }}][list_position(terms, list_max(terms))] as "feature",
        [{{ are_added | join(', ') }}][list_position(terms, list_max(terms))] as "is_added",
        list_max(terms) / list_sum([term for term in terms if term > 0]) as "share"
    from mallard__terms
{%- endmacro %}

{% macro _columns_of_a_move() -%}
    {{ return({
        'first_segment_id': ['integer', 'The segment in the first segmentation.'],
        'first_segment_name': ['varchar', 'Its name.'],
        'second_segment_id': ['integer', 'The segment in the second segmentation.'],
        'second_segment_name': ['varchar', 'Its name.'],
        'usual_segment_id': ['integer', 'The segment of the second to which most customers of the same segment of the first belong.'],
        'usual_segment_name': ['varchar', 'Its name.'],
        'feature': ['varchar', 'The feature that speaks most for the move.'],
        'is_added': ['boolean', "Whether the first segmentation doesn't have it."],
        'share': ['double', 'Its share of what speaks for the move.'],
    }) }}
{%- endmacro %}
