{# A select becomes a table of its rows with their segments, and the tables beside it: all at once, or nothing. What differs between engines
   is where a build writes (`place`), how it begins, and how its tables are put in place of those before. What is inside the loop happens to
   each part, see _groups: all customers, or those of one group after the other. It stands here as a whole, because dbt runs Python only
   directly in a materialization. #}
{% materialization segmentation, default, supported_languages=['sql'] %}
    {%- do mallard._check_engine() -%}
    {%- set meta = model.config.meta.get('mallard', model.config.meta) -%}
    {%- set beside = model.config.meta | list if 'mallard' in model.config.meta else [] -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set segmentation = this.incorporate(type='table') -%}
    {%- set place = mallard._place_of_build(segmentation) -%}
    {%- do mallard._check_names_are_free(segmentation) -%}
    {%- do mallard._published_tables(meta) -%}
    {%- set starts = mallard._named_relation('init', meta) -%}
    {%- set names = mallard._own_names(meta) -%}
    {%- set is_by_group = mallard._is_by_group(meta) -%}
    {%- set history = mallard._history(segmentation, existing_relation, meta) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- do mallard._begin(segmentation) -%}
    {%- do mallard._keep_customers(place, compiled_code) -%}

    {%- do mallard._copy_history(history, segmentation) if history and not mallard._is_same_relation(history, segmentation) and not is_by_group -%}
    {%- set added = dict(mallard._table('customers').columns, **mallard._columns_by_settings(meta)) -%}
    {%- set asked = {'meta': meta, 'config': model.config | list, 'beside': beside, 'added': added | list} -%}
    {% if is_by_group and not flags.EMPTY %}
        {%- do asked.added.append('group') -%}
        {% call statement('groups', language='python') %}
{{ mallard._segmentation_step('write_groups', asked, 'grouping') }}
        {% endcall %}
    {% endif %}
    {%- set whole = {
        'group': none,
        'meta': meta,
        'segmentation': segmentation,
        'place': place,
        'existing': existing_relation,
        'built': existing_relation if history and existing_relation and mallard._is_build_of(existing_relation, history) else none,
        'history': history,
        'history_days': meta.history_days if meta is mapping and not flags.EMPTY else none,
    } -%}
    {%- set build = mallard._next_build(segmentation) -%}
    {%- set parts = mallard._groups(whole, meta) if is_by_group else [whole] -%}
    {%- do mallard._log_names_of_no_group(names, parts) if is_by_group -%}
    {% for part in parts %}
        {%- do mallard._begin_group(part, whole) if part.group is not none -%}
        {% if flags.EMPTY %}
            {%- set customers_query = mallard._customers_without_rows('mallard__customers', added) -%}
        {% else %}
            {%- set stored = mallard._load_version(part.history) if part.history else none -%}
            {%- set given = dict(
                asked,
                starts=starts and starts | string,
                fitted=mallard._fitted(stored),
                lost=mallard._lost_tables(part.history, stored) if stored else [],
                full_refresh=should_full_refresh()
            ) -%}
            {% call statement('plan', language='python') %}
{{ mallard._segmentation_step('write_plan', given) }}
            {% endcall %}
            {%- set planned = mallard._planned() -%}
            {%- do mallard._check_was_not_renamed(segmentation, planned.matters) if loop.first and not history and not meta.first_version_from -%}
            {%- set before = mallard._set_aside(part, stored) -%}
            {%- set fingerprint = mallard._fingerprint('mallard__customers', planned.plan) -%}
            {%- if stored -%}
                {%- do mallard._keep('mallard__old_segments', mallard._segments_of_version(part.history, stored)) -%}
                {%- set old_centroids = dict(mallard.load_centroids('mallard__old_segments'), rules=stored.rules) -%}
            {%- endif -%}
            {%- if planned.can_compare -%}
                {%- set earlier = mallard._moments_of_build_before(part.segmentation, stored) -%}
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

            {%- do mallard._show('mallard__used', 'select * from mallard__customers where ' ~ plan.is_used) -%}
            {%- if version.is_new -%}
                {%- do mallard._log_fit(version) -%}
                {%- set of_features = mallard.default__feature_statistics('mallard__used', mallard._with_earlier_scales(plan, stored)) -%}
                {%- do mallard._keep('mallard__statistics', of_features) -%}
                {%- set statistics = mallard.load_statistics('mallard__statistics') -%}
                {%- do mallard._check_spreads(statistics) -%}
            {%- else -%}
                {%- set statistics = stored.statistics -%}
            {%- endif -%}
            {%- do mallard._show('mallard__scaled', mallard._scaled_customers('mallard__customers', statistics, plan)) -%}
            {%- if version.is_new -%}
                {%- do mallard._show('mallard__clustered', 'select * from mallard__scaled where mallard__is_used') -%}
                {%- do mallard._show_worth(plan) if plan.settings.min_value_share is not none -%}
                {%- do mallard._show('mallard__starts', mallard._scaled_starts(starts, statistics, plan)) if starts -%}
                {%- set has_earlier = stored and planned.can_score and stored.plan.metric == plan.metric -%}
                {%- do mallard._keep('mallard__earlier', mallard._earlier_centroids(part.history, stored, statistics)) if has_earlier -%}
                {%- set from = {
                    'has_starts': starts is not none,
                    'has_earlier': has_earlier | as_bool,
                    'candidate': stored.candidate if stored else none,
                } -%}
                {% call statement('partitions', language='python') %}
{{ mallard._segmentation_step('write_partitions', from) }}
                {% endcall %}
                {%- do mallard._keep('mallard__segments', 'select * from mallard__partitions where is_selected') -%}
            {%- else -%}
                {%- do mallard._keep('mallard__segments', 'select * from mallard__old_segments') -%}
                {%- do mallard._log_scoring(stored) -%}
            {%- endif -%}
            {%- set has_rules = mallard._asks_for_rules(plan.settings) -%}
            {%- if has_rules and not mallard._keep_known_rules(part.history, version, plan) -%}
                {%- do mallard._show('mallard__clustered', 'select * from mallard__scaled where mallard__is_used') -%}
                {% call statement('rules', language='python') %}
{{ mallard._segmentation_step('write_rules', mallard._scales_of_fillers(statistics), 'rules') }}
                {% endcall %}
                {%- do mallard._name_by_rules() if mallard._are_given_by_rules(plan.settings) -%}
            {%- endif -%}
            {%- if version.is_new and stored -%}
                {%- do mallard._keep('mallard__shared', mallard._shared_customers(
                    mallard._centroids_of_build(plan, version, stored), stored, old_centroids if planned.can_score else none, before, plan
                )) -%}
                {%- set in_both = mallard._features_of_both(stored, statistics, plan) if not planned.can_score else [] -%}
                {%- do mallard._keep('mallard__old_places', mallard._earlier_centroids(part.history, stored, {'features': in_both})) if in_both -%}
                {% call statement('ids', language='python') %}
{{ mallard._segmentation_step('write_ids', mallard._old_segments(stored, old_centroids, in_both), 'matching') }}
                {% endcall %}
                {%- do mallard._give_kept_ids(has_rules) -%}
            {%- endif -%}
            {%- set centroids = mallard._centroids_of_build(plan, version, stored) -%}
            {%- if centroids.vectors and version.is_new -%}
                {%- set scored = mallard.default__scored_customers('mallard__scaled', centroids, 'mallard__scaled_', 'mallard__is_used') -%}
                {%- do mallard._name_by_representatives(centroids, scored, plan.id) -%}
            {%- endif -%}
            {%- do mallard._add_rule_names(centroids, part.segmentation, version, stored) -%}
            {%- do mallard._give_own_names(centroids, names, part.group) -%}
            {%- do mallard._count_ids(version, centroids, stored) -%}
            {%- set segmented = mallard._customers_with_history(
                mallard._segmented_customers(
                    'mallard__scaled', mallard._with_outliers(centroids, plan, statistics, version, stored), plan, version.number
                ),
                before, plan
            ) -%}
            {%- set with_reasons = plan.settings.main_reason and centroids.segments -%}
            {%- set customers_query = mallard._with_main_reasons(segmented, centroids, statistics, plan) if with_reasons else segmented -%}
        {% endif %}

        {%- do mallard._make_way_for(place, existing_relation) if not before and part.group is none -%}
        {%- do mallard._write_customers(part, customers_query) -%}
        {%- set made = {
            'group': part.group,
            'meta': meta,
            'customers': part.place,
            'segmentation': part.segmentation,
            'history': part.history,
            'plan': plan,
            'partitions': 'mallard__partitions',
            'centroids': centroids,
            'old_centroids': mallard._with_limit(old_centroids, stored.moments, stored.plan.settings) if old_centroids else none,
            'statistics': statistics,
            'scaled': 'mallard__scaled',
            'version': version,
            'build': build,
            'before': before,
            'stored': stored,
            'can_score': planned and planned.can_score,
        } -%}
        {%- do mallard._keep_few(made) if plan and plan.settings.suppress_below is not none -%}
        {% for name in mallard._tables_asked_for(meta) %}
            {%- do mallard._write_beside(name, made) -%}
        {% endfor %}
        {%- do mallard._warn_of_small_segments(place, centroids, plan.settings) if version and not version.is_new and part.group is none -%}
        {%- do mallard._warn_of_a_dominant_column(place, plan) if version and version.is_new and part.group is none -%}
        {%- do mallard._forget_set_aside(before) if before -%}
        {%- do mallard._end_group(part) if part.group is not none -%}
    {% endfor %}
    {%- do mallard._join_groups(whole, meta) if is_by_group -%}
    {%- do mallard._drop_unasked(segmentation, meta) -%}
    {%- do mallard._write_all_comments(whole, model) -%}

    {%- set relations = mallard._put_in_place(whole) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do mallard._end(whole) -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': relations}) }}
{% endmaterialization %}
