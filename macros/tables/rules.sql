{% macro rules(segmentation) -%}
    {{ return(adapter.dispatch('rules', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__rules(segmentation) -%}
    {{ return(mallard._current_rows(segmentation, 'rules')) }}
{%- endmacro %}

{# The rules stay as they were found; whom they catch is counted at every build. Weights are summed exactly, and then in the order of the
   segments and rules. #}
{% macro _rules_query(made) -%}
    {%- set rules = mallard._found_rules() | rejectattr('segment_id', 'none') | list -%}
    {%- set gives_segments = mallard._are_given_by_rules(made.plan.settings) -%}
    {%- set weight = made.plan.weight -%}
    {%- set rows = [] -%}
    {%- for rule in rules -%}
        {%- set segment = made.centroids.segments | selectattr('segment_id', 'eq', rule.segment_id) | first -%}
        {%- set texts = [] -%}
        {%- for text in [segment.segment_name, rule.words, rule.path, mallard._sql(rule.sql), rule.sql] -%}
            {%- do texts.append(mallard._literal(text)) -%}
        {%- endfor -%}
        {%- do rows.append('(' ~ ([rule.rule, rule.segment_id] + texts) | join(', ') ~ ')') -%}
    {%- endfor -%}
    with mallard__found as (

        select *
        from (values {{ rows | join(', ') }}) as found (rule, segment_id, segment_name, rule_text, rule_path, rule_sql, duckdb_sql)

    ),

    mallard__cells as (

        select
            mallard__rule as rule,
            segment_id,
            count(*) as n,
            {%- if weight %}
            {{ mallard.default__exact_sum('weight', 'mallard__weight_scale') }} as weight
            {%- else %}
            cast(count(*) as double) as weight
            {%- endif %}
        from (
            select
                segment_id,
                {{ weight or '1' }} as weight,
                {{ mallard._case_of_rules(rules, 'rule') }} as mallard__rule
            from {{ made.customers }}
            where segment_id is not null
        )
        {%- if weight %}
        cross join (
            select {{ mallard.default__sum_scale('max(' ~ weight ~ ')') }} as mallard__weight_scale
            from {{ made.customers }}
            where segment_id is not null
        )
        {%- endif %}
        group by mallard__rule, segment_id

    ),

    mallard__of_rules as (

        select
            mallard__found.rule,
            sum(n) as n,
            sum(n) filter (mallard__cells.segment_id = mallard__found.segment_id) as n_of_segment,
            list_sum(list(weight order by mallard__cells.segment_id asc)) as weight,
            sum(weight) filter (mallard__cells.segment_id = mallard__found.segment_id) as weight_of_segment
        from mallard__found
        inner join mallard__cells on mallard__found.rule = mallard__cells.rule
        group by mallard__found.rule

    ),

    mallard__of_segments as (

        select segment_id, list_sum(list(weight order by rule asc)) as weight_of_all
        from mallard__cells
        group by segment_id

    ),

    mallard__totals as (

        select
            (select list_sum(list(weight_of_all order by segment_id asc)) from mallard__of_segments) as total,
            (select list_sum(list(weight_of_segment order by rule asc)) from mallard__of_rules) as total_agreeing

    )

    select
        mallard__found.rule as "rule",
        mallard__found.segment_id as "segment_id",
        segment_name as "segment_name",
        rule_text as "rule_text",
        rule_path as "rule_path",
        rule_sql as "rule_sql",
        cast(coalesce(n, 0) as bigint) as "n_customers",
        cast(coalesce(n_of_segment, 0) as bigint) as "n_of_segment",
        coalesce(weight_of_segment, 0) / weight_of_all as "coverage",
        coalesce(weight_of_segment, 0) / weight as "precision",
        coalesce(weight_of_segment, 0) / weight * (total / weight_of_all) as "lift",
        total_agreeing / total as "agreement",
        {{ mallard._double(rules[0].price_of_explanation) }} as "price_of_explanation",
        cast({{ rules[0].max_leaves or 'null' }} as integer) as "max_leaves",
        {{ gives_segments }} as "gives_segments",
        duckdb_sql as "duckdb_sql"
    from mallard__found
    left join mallard__of_rules on mallard__found.rule = mallard__of_rules.rule
    left join mallard__of_segments on mallard__found.segment_id = mallard__of_segments.segment_id
    cross join mallard__totals
    order by mallard__found.rule asc
{%- endmacro %}

{# The rules of this build, which stand in mallard__rules, in order. #}
{% macro _found_rules() -%}
    {%- set query -%}
        select
            rule as "rule",
            segment_id as "segment_id",
            sql as "sql",
            words as "words",
            path as "path",
            {{ mallard._digits_of('price_of_explanation') }} as "price_of_explanation",
            max_leaves as "max_leaves"
        from mallard__rules
        order by rule asc
    {%- endset -%}
    {%- set rules = [] -%}
    {%- for row in mallard._query(query) -%}
        {%- do rules.append({
            'rule': row['rule'] | int,
            'segment_id': row['segment_id'] | int if row['segment_id'] is not none else none,
            'sql': row['sql'],
            'words': row['words'],
            'path': row['path'],
            'price_of_explanation': mallard._digits(row['price_of_explanation']),
            'max_leaves': row['max_leaves'] | int if row['max_leaves'] is not none else none,
        }) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{# Of the rule that a customer falls under, its number or that of its segment. #}
{% macro _case_of_rules(rules, what) -%}
    case {% for rule in rules %} when {{ rule.sql }} then {{ rule[what] if rule[what] is not none else 'null' }}{% endfor %} end
{%- endmacro %}

{# The rules of a version as an earlier build found them, if it was allowed as many: they are kept in mallard__rules for this build. Returns
   whether there are any. #}
{% macro _keep_known_rules(history, version, plan) -%}
    {%- set table = load_relation(mallard._own_table_beside(history, 'rules')) if history and not version.is_new else none -%}
    {%- if not table -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set max_leaves = plan.settings.rules.max_leaves if plan.settings.rules is mapping else 'null' -%}
    {%- set query -%}
        select rule, segment_id, duckdb_sql as sql, rule_text as words, rule_path as path, price_of_explanation, max_leaves
        from {{ table }}
        where version = {{ version.number }} and max_leaves is not distinct from {{ max_leaves }}
    {%- endset -%}
    {%- do mallard._keep('mallard__rules', query) -%}
    {{ return(mallard._query('select count(*) from mallard__rules')[0][0] | int > 0) }}
{%- endmacro %}

{# What scales the values that stand for missing ones, for the step that finds rules. #}
{% macro _scales_of_fillers(statistics) -%}
    {%- set scales = [] -%}
    {%- for of in statistics.features -%}
        {%- do scales.append({'filler': of.filler, 'center': of.center, 'spread': of.spread, 'weight': of.weight | string}) -%}
    {%- endfor -%}
    {{ return({'scales': scales}) }}
{%- endmacro %}

{# Whether a segmentation has been built with rules. One without is refused by commands that need them. #}
{% macro _has_rules(segmentation) -%}
    {%- set table = mallard._beside(segmentation, 'rules') -%}
    {%- if execute and load_relation(segmentation) and not load_relation(table) and mallard._is_building() -%}
        {%- do mallard._stop(segmentation ~ ' has no table of rules: set rules to true in its meta, and run dbt build.') -%}
    {%- endif -%}
    {{ return(mallard._is_built(table, 'the rules')) }}
{%- endmacro %}

{% macro _rules_table() -%}
    {%- set id = mallard._table('customers').columns.segment_id[0] -%}
    {{ return({
        'row': 'One row per rule, which says in SQL and in words who is in a segment, with how well it does. Every customer with a segment falls under exactly one rule.',
        'needs': 'rules',
        'keeps': 'versions',
        'figures': {'row': ['n_customers', 'n_of_segment', 'coverage', 'precision', 'lift'], 'agreement': ['agreement']},
        'columns': {
            'version': mallard._version_column(),
            'rule': ['integer', 'Number of the rule, from 1, in the order of the segments.'],
            'segment_id': [id, 'The segment that the rule is for. A segment can have several rules.'],
            'segment_name': mallard._table('customers').columns.segment_name,
            'rule_text': ['varchar', 'The rule in words, such as "annual income is at least 70 and spending score is below 50".'],
            'rule_path': ['varchar', 'What each split of the tree asks on the way to the rule, from the first, in words, as a list in JSON. Rules whose paths begin alike share the beginning.'],
            'rule_sql': ['varchar', 'The rule as a condition in SQL on the columns of the select, for the engine that built the segmentation.'],
            'n_customers': ['bigint', 'Customers with a segment whom the rule catches.'],
            'n_of_segment': ['bigint', 'Those of them who are in the segment.'],
            'coverage': ['double', 'Share of the segment that the rule catches, 0 to 1 (recall). Weighted, if customers have weights. Null if the segment has no customers.'],
            'precision': ['double', 'Share of those whom the rule catches who are in the segment, 0 to 1. Weighted, if customers have weights. Null if it catches nobody.'],
            'lift': ['double', 'Precision over the share of the segment in all customers with one: how many times as many of the segment are among those whom the rule catches.'],
            'agreement': ['double', 'Share of the customers with a segment whose rule is for their segment, 0 to 1. Weighted, if customers have weights. The same in all rows.'],
            'price_of_explanation': ['double', 'Inertia if the rules give the segments, over that if the nearest centroids do, at the build that found the rules: 1 if nothing is lost. An estimate if a sample of points stood for the customers. The same in all rows.'],
            'max_leaves': ['integer', 'The most rules that the setting allowed. Null for the default.'],
            'gives_segments': ['boolean', 'Whether rules give the segments (assignment: rules), rather than follow those of the nearest centroids. The same in all rows.'],
            'duckdb_sql': ['varchar', "The rule in DuckDB's SQL, in which later builds read it on every engine."],
        },
    }) }}
{%- endmacro %}

{# Known are the size of a segment, and, from another table, how many there are in all: of a rule, those who are in its segment, those who
   aren't, and those of the segment whom no rule for it catches add up to them. Rules that give the segments catch all of them. Rules themselves are like centroids: exact. #}
{% macro _few_in_rules(rows, made, fewest) -%}
    {%- set missed = '(n_of_all - sum(n_of_segment) over (partition by segment_id))' -%}
    {%- set counted -%}
        (
            select mallard__rows.*, coalesce(n_of_all, 0) as n_of_all
            from {{ rows }} as mallard__rows
            left join (
                select segment_id, count(*) as n_of_all from {{ made.customers }}
                group by segment_id
            ) as mallard__sizes on mallard__rows.segment_id = mallard__sizes.segment_id
        )
    {%- endset -%}
    {%- set cells -%}
        {%- if made.centroids.get('rules') %}
        select segment_id as whole, rule as part, 0 as cell_group, n_customers as n from {{ rows }}
        {%- else %}
        select 0 as whole, rule as part, 0 as cell_group, n_of_segment as n from {{ rows }}
        union all
        select 0, rule, 1, n_customers - n_of_segment from {{ rows }}
        union all
        select 0, rule, 2, {{ missed }} from {{ counted }}
        {%- endif %}
    {%- endset -%}
    select
        mallard__rows.*,
        mallard__few.part is not null or (select count(*) from mallard__few_segments) > 0 as mallard__hides_row,
        {{ mallard._are_few('(select sum(n_customers) - sum(n_of_segment) from ' ~ rows ~ ')', fewest) }} as mallard__hides_agreement
    from {{ rows }} as mallard__rows
    left join ({{ mallard._parts_to_hide(cells, fewest) }}) as mallard__few on mallard__rows.rule = mallard__few.part
{%- endmacro %}
