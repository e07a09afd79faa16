{# A select becomes a table of its rows with their segments, and three tables beside it: all in one transaction. #}
{% materialization segmentation, adapter='duckdb', supported_languages=['sql'] %}
    {%- set meta = model.config.meta.get('mallard', model.config.meta) -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- do mallard._check_sides_are_free(target_relation) -%}
    {%- set starts = mallard._starts(meta) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% do adapter.ensure_transaction() %}

    {% call statement('customers') %}
        {{ config.get('sql_header') or '' }}
        create or replace temp table mallard__customers as (
            {{ compiled_code }}
        )
    {% endcall %}

    {% call statement('plan', language='python') %}
{{ mallard._segmentation_step('write_plan', 'mallard__customers', meta, 'mallard__plan', starts) }}
    {% endcall %}
    {%- set plan = fromjson(run_query('select plan from mallard__plan')[0][0]) -%}

    {% call statement('used') %} create or replace temp view mallard__used as select * from mallard__customers where {{ plan.is_used }} {% endcall %}
    {% call statement('statistics') %} create or replace temp table mallard__statistics as {{ mallard.feature_statistics('mallard__used', plan.features, plan.weight) }} {% endcall %}
    {%- set statistics = mallard.load_statistics('mallard__statistics', plan.features) -%}
    {%- do mallard._check_spreads(statistics) -%}
    {% call statement('scaled') %} create or replace temp view mallard__scaled as {{ mallard._scaled_customers('mallard__customers', statistics, plan) }} {% endcall %}
    {% call statement('clustered') %} create or replace temp view mallard__clustered as select * from mallard__scaled where mallard__is_used {% endcall %}
    {% if starts %}
        {% call statement('starts') %} create or replace temp view mallard__starts as {{ mallard._scaled_starts(starts, statistics, plan) }} {% endcall %}
    {% endif %}

    {% call statement('partitions', language='python') %}
{{ mallard._segmentation_step('write_partitions', 'mallard__clustered', meta, 'mallard__partitions', starts and 'mallard__starts') }}
    {% endcall %}
    {% call statement('segments') %} create or replace temp view mallard__segments as select * from mallard__partitions where is_selected {% endcall %}
    {%- set centroids = mallard.load_centroids('mallard__segments') -%}

    {{ drop_relation_if_exists(existing_relation) }}
    {% call statement('main') %}
        {{ create_table_as(False, target_relation, mallard._segmented_customers('mallard__scaled', centroids, plan)) }}
    {% endcall %}
    {%- set relations = [target_relation] -%}
    {% for side, query in [
        (mallard.metrics(target_relation), mallard.partition_metrics('mallard__partitions')),
        (mallard.profiles(target_relation), mallard.feature_profiles(target_relation, plan.features, plan.weight)),
        (mallard.centroids(target_relation), mallard.centroid_table(centroids, statistics, plan.metric)),
    ] %}
        {%- do relations.append(side) -%}
        {{ drop_relation_if_exists(load_cached_relation(side)) }}
        {% call statement(side.identifier) %} create or replace table {{ side }} as {{ query }} {% endcall %}
    {% endfor %}

    {% do create_indexes(target_relation) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {% call statement('clean') %} drop table mallard__customers {% endcall %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': relations}) }}
{% endmaterialization %}

{% macro _segmentation_step(function, source, meta, made, starts) -%}
import json

from mallard import dbt_model

META = json.loads({{ tojson(tojson(meta)) }})
STARTS = json.loads({{ tojson(tojson(starts | string if starts else none)) }})

{{ mallard._python_step() }}
    dbt_model.{{ function }}(session, "{{ source }}", META, "{{ made }}", STARTS)
    return session.sql("select 1")
{%- endmacro %}

{% macro _check_sides_are_free(target) -%}
    {%- for side in [mallard.metrics(target), mallard.profiles(target), mallard.centroids(target)] -%}
        {%- for node in graph.nodes.values() if node.resource_type in ['model', 'seed', 'snapshot'] -%}
            {%- if (node.database, node.schema, node.alias) == (side.database, side.schema, side.identifier) -%}
                {%- do exceptions.raise_compiler_error('mallard: ' ~ node.resource_type ~ ' ' ~ node.name ~ ' is called ' ~ side.identifier ~ ', as the table of ' ~ side.identifier.split('__')[-1] ~ ' beside ' ~ target.identifier ~ ' is: give it another name.') -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{% macro _check_spreads(statistics) -%}
    {%- for of in statistics if of.spread is none -%}
        {%- do exceptions.raise_compiler_error('mallard: feature ' ~ of.name ~ " can't be scaled, because it varies too little among the customers (its spread is 0): leave it out of features, or give it another scale.") -%}
    {%- endfor -%}
{%- endmacro %}

{# The model or seed that `init` names, if the segmentation depends on it. #}
{% macro _starts(meta) -%}
    {%- for id in model.depends_on.nodes if meta -%}
        {%- set node = graph.nodes[id] -%}
        {%- if node.name == meta.init and node.config.materialized == 'ephemeral' -%}
            {%- do mallard._refuse('init', meta.init, 'it is ephemeral, so there is no table to read; make it a view or a table') -%}
        {%- elif node.name == meta.init -%}
            {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{% macro _scaled_starts(starts, statistics, plan) -%}
    {%- set scaled = 'select segment_id, ' ~ mallard.scaled_features(statistics, 'mallard__scaled_') ~ ' from ' ~ starts -%}
    {{ mallard.directions('(' ~ scaled ~ ')', statistics, 'mallard__scaled_') if plan.metric == 'cosine' else scaled }}
{%- endmacro %}

{% macro _scaled_customers(customers, statistics, plan) -%}
    {%- set reasons = [] -%}
    {%- for column, is_missing in plan.missing.items() -%}
        {%- do reasons.append('case when ' ~ is_missing ~ ' then ' ~ mallard._literal(column ~ ' is missing') ~ ' end') -%}
    {%- endfor -%}
    {%- set scaled -%}
        select
            *,
            {{ mallard.scaled_features(statistics, 'mallard__scaled_') }},
            {{ plan.is_used }} as mallard__is_used
        from {{ customers }}
    {%- endset -%}
    {%- if plan.metric == 'cosine' -%}
        {%- set scaled = mallard.directions('(' ~ scaled ~ ')', statistics, 'mallard__scaled_') -%}
        {%- set has_direction = mallard._quoted('mallard__scaled_' ~ statistics[0].name) ~ ' is not null' -%}
        {%- do reasons.append("case when mallard__is_used and not (" ~ has_direction ~ ") then 'has no direction: every feature is 0' end") -%}
    {%- endif -%}
    select
        * {{ 'replace (mallard__is_used and ' ~ has_direction ~ ' as mallard__is_used)' if has_direction }},
        {{ "nullif(array_to_string([" ~ reasons | join(', ') ~ "], '; '), '')" if reasons else 'cast(null as varchar)' }} as mallard__reason
    from ({{ scaled }})
{%- endmacro %}

{% macro _segmented_customers(scaled, centroids, plan) -%}
    select
        * exclude (mallard__reason, mallard__is_used),
        case
            when mallard__reason is null then 'assigned'
            when segment_id is null then 'excluded'
            else 'imputed'
        end as assignment_status,
        mallard__reason as status_reason
    from ({{ mallard.scored_customers(scaled, centroids, 'mallard__scaled_', 'mallard__is_used', plan.metric) }})
{%- endmacro %}
