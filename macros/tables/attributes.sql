{% macro attributes(segmentation) -%}
    {{ return(adapter.dispatch('attributes', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__attributes(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'attributes')) }}
{%- endmacro %}

{% macro _attributes_query(made) -%}
    {%- set columns = {'number': [], 'text': [], 'time': []} -%}
    {%- for attribute in made.plan.attributes -%} {%- do columns[attribute.kind].append(attribute.column) -%} {%- endfor -%}
    {{ mallard.default__attribute_profiles(
        made.customers, columns.number, columns.text, columns.time, made.plan.settings.weight_column, made.plan.words,
        is_table=true
    ) }}
{%- endmacro %}

{% macro _attributes_table() -%}
    {{ return({
        'row': 'One row per segment and column that is no feature, with how the customers of the segment differ from all; of texts and booleans, one for each of the five commonest values of the segment. What fewer than five customers of all have has no row.',
        'figures': {
            'row': ['n_customers', 'share', 'mean', 'median', 'z_score', 'median_at'],
            'attribute': ['overall_share', 'overall_mean', 'overall_median', 'overall_median_at'],
        },
        'columns': {
            'segment_id': mallard._table('customers').columns.segment_id,
            'segment_name': mallard._table('customers').columns.segment_name,
            'attribute': ['varchar', 'Name of the column.'],
            'label': mallard._table('profiles').columns.label,
            'value': ['varchar', 'One of the commonest values of a text or boolean. Null for numbers, dates and times.'],
            'n_customers': ['bigint', 'Customers in the segment with this value; with any value, for numbers, dates and times.'],
            'share': ['double', 'Their share of the segment, 0 to 1. Weighted, if customers have weights.'],
            'overall_share': ['double', 'The same share of all customers with a segment.'],
            'mean': mallard._table('profiles').columns.mean,
            'median': mallard._table('profiles').columns.median,
            'overall_mean': mallard._table('profiles').columns.overall_mean,
            'overall_median': mallard._table('profiles').columns.overall_median,
            'z_score': ['double', 'Distance between the two means, in population standard deviations of all customers with a segment. Null for what is not a number.'],
            'median_at': ['timestamp', 'Median of a date or time over the customers of the segment who have one, in UTC. Weighted, if customers have weights. Null for what is neither.'],
            'overall_median_at': ['timestamp', 'The same median over all customers with a segment.'],
        },
    }) }}
{%- endmacro %}

{# A text is hidden in all segments or in none; what is left of its column counts as one more text. #}
{% macro _few_in_attributes(rows, made, fewest) -%}
    {%- set attributes = made.plan.attributes -%}
    {%- set measures, texts = [], [] -%}
    {%- for of in attributes if of.kind == 'number' -%}
        {%- do measures.append({'name': of.column, 'column': of.column, 'expression': mallard._finite(of.column)}) -%}
    {%- endfor -%}
    {%- for of in attributes if of.kind == 'text' -%} {%- do texts.append(of.column) -%} {%- endfor -%}
    {%- do mallard._keep('mallard__counts_of_numbers', mallard._counts_of_values(made.customers, measures)) -%}
    {%- do mallard._keep('mallard__few_texts', mallard._few_texts(rows, made.customers, texts, fewest)) -%}
    {%- set known -%}
        select md5(attribute) as whole, segment_id as part, 0 as cell_group, n_customers as n from {{ rows }}
        where value is null
    {%- endset -%}
    select
        *,
        mallard__hides_attribute or mallard__is_of_few or segment_id in (select segment_id from mallard__few_segments) as mallard__hides_row
    from (
        select
            mallard__rows.*,
            mallard__few_texts.whole is not null or mallard__few_numbers.feature is not null as mallard__hides_attribute,
            mallard__few_known.whole is not null as mallard__is_of_few
        from {{ rows }} as mallard__rows
        left join mallard__few_texts
            on md5(mallard__rows.attribute) = mallard__few_texts.whole
            and md5(mallard__rows.value) = mallard__few_texts.part
        left join ({{ mallard._few_of_two_values('mallard__counts_of_numbers', fewest) }}) as mallard__few_numbers
            on md5(mallard__rows.attribute) = mallard__few_numbers.feature
        left join ({{ mallard._parts_to_hide(known, fewest) }}) as mallard__few_known
            on md5(mallard__rows.attribute) = mallard__few_known.whole
            and mallard__rows.segment_id = mallard__few_known.part
            and mallard__rows.value is null
    )
{%- endmacro %}

{% macro _few_texts(rows, customers, texts, fewest) -%}
    {%- if not texts -%}
        {{ return('select cast(null as varchar) as whole, cast(null as varchar) as part where false') }}
    {%- endif -%}
    {%- set cells -%}
        select
            mallard__counted.whole,
            mallard__listed.part,
            case when segment_id in (select segment_id from mallard__few_segments) then 0 else segment_id end as cell_group,
            n
        from (
            {%- for text in texts %}
            {%- set value = mallard._exact_text(mallard._quoted(text)) %}
            select md5({{ mallard._literal(text) }}) as whole, md5({{ value }}) as part, segment_id, count(*) as n
            from {{ customers }}
            where segment_id is not null
            group by {{ value }}, segment_id
            {{ 'union all' if not loop.last }}
            {%- endfor %}
        ) as mallard__counted
        left join (select distinct md5(attribute) as whole, md5(value) as part from {{ rows }}) as mallard__listed
            on mallard__counted.whole = mallard__listed.whole and mallard__counted.part = mallard__listed.part
    {%- endset -%}
    select whole, part from ({{ mallard._parts_to_hide(cells, fewest) }})
    where part is not null
{%- endmacro %}
