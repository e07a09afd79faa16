{# A select becomes a table of its rows with their segments, and the tables beside it: all in one transaction. #}
{% materialization segmentation, adapter='duckdb', supported_languages=['sql'] %}
    {%- set meta = model.config.meta.get('mallard', model.config.meta) -%}
    {%- set beside = model.config.meta | list if 'mallard' in model.config.meta else [] -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- do mallard._check_names_are_free(target_relation) -%}
    {%- do mallard._published_tables(meta) -%}
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

    {% if flags.EMPTY %}
        {%- set customers_query = mallard._customers_without_rows('mallard__customers') -%}
    {% else %}
        {% call statement('plan', language='python') %}
{{ mallard._segmentation_step('write_plan', {
    'meta': meta,
    'config': model.config | list,
    'beside': beside,
    'added': mallard._added_columns(),
    'starts': starts and starts | string,
}) }}
        {% endcall %}
        {%- set plan = fromjson(run_query('select plan from mallard__plan')[0][0]) -%}

        {% call statement('used') %} create or replace temp view mallard__used as select * from mallard__customers where {{ plan.is_used }} {% endcall %}
        {% call statement('statistics') %} create or replace temp table mallard__statistics as {{ mallard.feature_statistics('mallard__used', plan) }} {% endcall %}
        {%- set statistics = mallard.load_statistics('mallard__statistics') -%}
        {%- do mallard._check_spreads(statistics) -%}
        {% call statement('scaled') %} create or replace temp view mallard__scaled as {{ mallard._scaled_customers('mallard__customers', statistics, plan) }} {% endcall %}
        {% call statement('clustered') %} create or replace temp view mallard__clustered as select * from mallard__scaled where mallard__is_used {% endcall %}
        {% if starts %}
            {% call statement('starts') %} create or replace temp view mallard__starts as {{ mallard._scaled_starts(starts, statistics, plan) }} {% endcall %}
        {% endif %}

        {% call statement('partitions', language='python') %}
{{ mallard._segmentation_step('write_partitions', {'has_starts': starts is not none}) }}
        {% endcall %}
        {% call statement('segments') %} create or replace temp view mallard__segments as select * from mallard__partitions where is_selected {% endcall %}
        {%- set centroids = mallard.load_centroids('mallard__segments') -%}
        {%- if centroids.vectors -%}
            {%- set scored = mallard.scored_customers('mallard__scaled', centroids, 'mallard__scaled_', 'mallard__is_used') -%}
            {%- do mallard._name_by_representatives(centroids, scored, plan.id) -%}
        {%- endif -%}
        {%- set customers_query = mallard._segmented_customers('mallard__scaled', centroids, plan) -%}
    {% endif %}

    {{ drop_relation_if_exists(existing_relation) }}
    {% call statement('main') %}
        {{ create_table_as(False, target_relation, customers_query) }}
    {% endcall %}
    {%- do mallard._write_comments(target_relation, 'customers', model) -%}
    {%- set made = {
        'customers': target_relation,
        'plan': plan,
        'partitions': 'mallard__partitions',
        'centroids': centroids,
        'statistics': statistics,
        'scaled': 'mallard__scaled',
    } -%}
    {%- set relations = [target_relation] -%}
    {% for name in mallard._tables_beside() %}
        {%- set table = mallard._own_table_beside(target_relation, name) -%}
        {{ drop_relation_if_exists(load_cached_relation(table)) }}
        {% call statement(table.identifier) %}
            create or replace table {{ table }} as {{ mallard._empty_table(name) if flags.EMPTY else context['mallard']['_' ~ name ~ '_query'](made) }}
        {% endcall %}
        {%- do mallard._write_comments(table, name) -%}
        {%- do relations.append(table) -%}
    {% endfor %}

    {%- do mallard._warn_of_a_dominant_column(mallard._own_table_beside(target_relation, 'features'), plan) if plan -%}

    {% do create_indexes(target_relation) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% call statement('clean') %} drop table mallard__customers {% endcall %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': relations}) }}
{% endmaterialization %}
