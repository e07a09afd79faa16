{# A select becomes a table of its rows with their segments, and the tables beside it: all in one transaction. #}
{% materialization segmentation, adapter='duckdb', supported_languages=['sql'] %}
    {%- set meta = model.config.meta.get('mallard', model.config.meta) -%}
    {%- set beside = model.config.meta | list if 'mallard' in model.config.meta else [] -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- do mallard._check_names_are_free(target_relation) -%}
    {%- do mallard._published_tables(meta) -%}
    {%- set starts = mallard._named_relation('init', meta) -%}
    {%- set names = mallard._own_names(meta) -%}
    {%- set history = mallard._history(target_relation, existing_relation, meta) -%}
    {%- set stored = mallard._load_version(history) if history else none -%}

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
        {%- set customers_query = mallard._customers_without_rows('mallard__customers', mallard._table('customers').columns) -%}
    {% else %}
        {%- do mallard._copy_history(history, target_relation) if history and not mallard._is_same_relation(history, target_relation) -%}
        {%- set given = {
            'meta': meta,
            'config': model.config | list,
            'beside': beside,
            'added': mallard._added_columns(),
            'starts': starts and starts | string,
            'fitted': mallard._fitted(stored),
            'lost': mallard._lost_tables(target_relation) if stored else [],
            'full_refresh': should_full_refresh(),
        } -%}
        {% call statement('plan', language='python') %}
{{ mallard._segmentation_step('write_plan', given) }}
        {% endcall %}
        {%- set planned = mallard._planned() -%}
        {%- do mallard._check_was_not_renamed(target_relation, planned.matters) if not stored and not meta.first_version_from -%}
        {%- set before = mallard._set_aside(existing_relation, stored, history) -%}
        {%- set fingerprint = mallard._fingerprint('mallard__customers', planned.plan) -%}
        {%- if stored -%}
            {% call statement('old') %} create or replace temp table mallard__old_segments as {{ mallard._segments_of_version(target_relation, stored) }} {% endcall %}
            {%- set old_centroids = mallard.load_centroids('mallard__old_segments') -%}
        {%- endif -%}
        {%- if planned.can_compare -%}
            {%- set earlier = mallard._moments_of_build_before(target_relation, stored) -%}
            {%- do mallard._look_for_drift(stored, planned, old_centroids, before, earlier) -%}
            {%- set known = mallard._known_of_drift(stored, planned, old_centroids, earlier) -%}
            {% call statement('drift', language='python') %}
{{ mallard._segmentation_step('write_drift', known, 'drift') }}
            {% endcall %}
            {%- set reason = mallard._reason_in_the_data(stored, fingerprint) if planned.reason is none and planned.plan.settings.refit == 'when_needed' -%}
            {%- if reason -%}
                {% call statement('plan_anew', language='python') %}
{{ mallard._segmentation_step('write_plan', dict(given, reason=reason)) }}
                {% endcall %}
                {%- set planned = mallard._planned() -%}
                {%- set fingerprint = mallard._fingerprint('mallard__customers', planned.plan) -%}
            {%- endif -%}
        {%- else -%}
            {%- do mallard._look_for_no_drift() -%}
        {%- endif -%}
        {%- set plan = planned.plan -%}
        {%- set version = mallard._version_after(stored, planned.reason, planned.matters, fingerprint) -%}

        {% call statement('used') %} create or replace temp view mallard__used as select * from mallard__customers where {{ plan.is_used }} {% endcall %}
        {%- if version.is_new -%}
            {%- do mallard._log_fit(version) -%}
            {% call statement('statistics') %}
                create or replace temp table mallard__statistics as
                {{ mallard.feature_statistics('mallard__used', mallard._with_earlier_scales(plan, stored)) }}
            {% endcall %}
            {%- set statistics = mallard.load_statistics('mallard__statistics') -%}
            {%- do mallard._check_spreads(statistics) -%}
        {%- else -%}
            {%- set statistics = stored.statistics -%}
        {%- endif -%}
        {% call statement('scaled') %} create or replace temp view mallard__scaled as {{ mallard._scaled_customers('mallard__customers', statistics, plan) }} {% endcall %}
        {%- if version.is_new -%}
            {% call statement('clustered') %} create or replace temp view mallard__clustered as select * from mallard__scaled where mallard__is_used {% endcall %}
            {% if starts %}
                {% call statement('starts') %} create or replace temp view mallard__starts as {{ mallard._scaled_starts(starts, statistics, plan) }} {% endcall %}
            {% endif %}
            {%- set has_earlier = stored and planned.can_score and stored.plan.metric == plan.metric -%}
            {% if has_earlier %}
                {% call statement('earlier') %} create or replace temp table mallard__earlier as {{ mallard._earlier_centroids(target_relation, stored, statistics) }} {% endcall %}
            {% endif %}
            {%- set from = {
                'has_starts': starts is not none,
                'has_earlier': has_earlier | as_bool,
                'candidate': stored.candidate if stored else none,
            } -%}
            {% call statement('partitions', language='python') %}
{{ mallard._segmentation_step('write_partitions', from) }}
            {% endcall %}
            {% call statement('segments') %} create or replace temp table mallard__segments as select * from mallard__partitions where is_selected {% endcall %}
            {%- if stored -%}
                {% call statement('shared') %}
                    create or replace temp table mallard__shared as {{ mallard._shared_customers(
                        mallard.load_centroids('mallard__segments'), stored, old_centroids if planned.can_score else none, before, plan
                    ) }}
                {% endcall %}
                {%- set in_both = mallard._features_of_both(stored, statistics, plan) if not planned.can_score else [] -%}
                {% if in_both %}
                    {% call statement('places') %} create or replace temp table mallard__old_places as {{ mallard._earlier_centroids(target_relation, stored, {'features': in_both}) }} {% endcall %}
                {% endif %}
                {% call statement('ids', language='python') %}
{{ mallard._segmentation_step('write_ids', mallard._old_segments(stored, old_centroids, in_both), 'matching') }}
                {% endcall %}
                {%- do mallard._give_kept_ids() -%}
            {%- endif -%}
        {%- else -%}
            {% call statement('segments') %} create or replace temp table mallard__segments as from mallard__old_segments {% endcall %}
            {%- do mallard._log_scoring(stored) -%}
        {%- endif -%}
        {%- set centroids = mallard.load_centroids('mallard__segments') -%}
        {%- if centroids.vectors and version.is_new -%}
            {%- set scored = mallard.scored_customers('mallard__scaled', centroids, 'mallard__scaled_', 'mallard__is_used') -%}
            {%- do mallard._name_by_representatives(centroids, scored, plan.id) -%}
        {%- endif -%}
        {%- do mallard._add_rule_names(centroids, target_relation, version, stored) -%}
        {%- do mallard._give_own_names(centroids, names) -%}
        {%- do mallard._count_ids(version, centroids, stored) -%}
        {%- set customers_query = mallard._customers_with_history(
            mallard._segmented_customers('mallard__scaled', centroids, plan, version.number), before, plan
        ) -%}
    {% endif %}

    {{ drop_relation_if_exists(existing_relation) if not before }}
    {% call statement('main') %}
        {{ create_table_as(False, target_relation, customers_query) }}
    {% endcall %}
    {%- do mallard._write_comments(target_relation, 'customers', model) -%}
    {%- set made = {
        'customers': target_relation,
        'plan': plan,
        'partitions': 'mallard__partitions',
        'centroids': centroids,
        'old_centroids': old_centroids,
        'statistics': statistics,
        'scaled': 'mallard__scaled',
        'version': version,
        'build': mallard._next_build(target_relation),
        'before': before,
        'stored': stored,
        'can_score': planned and planned.can_score,
    } -%}
    {%- set relations = [target_relation] -%}
    {% for name in mallard._tables_beside() %}
        {%- do relations.append(mallard._write_beside(target_relation, name, made)) -%}
    {% endfor %}

    {{ drop_relation_if_exists(before) if before }}
    {%- if plan -%}
        {%- do mallard._forget_old_rows(target_relation, plan) -%}
        {%- do mallard._warn_of_a_dominant_column(mallard._current_rows(target_relation, 'features'), plan) if version.is_new -%}
    {%- endif -%}

    {% do create_indexes(target_relation) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% call statement('clean') %} drop table mallard__customers {% endcall %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': relations}) }}
{% endmaterialization %}
