{% macro builds(segmentation) -%}
    {{ return(adapter.dispatch('builds', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__builds(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'builds')) }}
{%- endmacro %}

{# Without a build before there is nobody to have joined or left, and nobody to have moved. #}
{% macro _builds_query(made) -%}
    {%- set moved = "not is_new and segment_id is distinct from previous_segment_id" -%}
    select
        {{ made.version.number }} as "version",
        {{ made.version.is_new }} as "is_fit",
        {{ mallard._literal(made.version.reason) if made.version.is_new else "'nothing to fit'" }} as "reason",
        count(*) as "n_rows",
        count(segment_id) as "n_customers",
        {{ 'count(*) filter (is_new)' if made.before else 'cast(null as bigint)' }} as "n_joined",
        {%- if made.before %}
        (select count(*) from {{ made.before }}) - count(*) filter (not is_new) as "n_left",
        {%- else %}
        cast(null as bigint) as "n_left",
        {%- endif %}
        {{ 'count(*) filter (' ~ moved ~ ')' if made.before else 'cast(null as bigint)' }} as "n_moved",
        {{ mallard._literal(made.version.fingerprint) }} as "data_fingerprint",
        {{ mallard._literal(mallard._moments_of_build(made)) }} as "moments"
    from {{ made.customers }}
{%- endmacro %}

{% macro _builds_table() -%}
    {{ return({
        'row': 'One row per build, with the version that gave the segments, whether it was fitted then, and how many customers came, went and moved.',
        'keeps': 'builds',
        'state': ['moments'],
        'figures': {'rows': ['n_rows'], 'came': ['n_joined', 'n_left'], 'moved': ['n_moved']},
        'columns': {
            'build': mallard._build_column(),
            'built_at': mallard._built_at_column(),
            'run_id': mallard._run_id_column(),
            'version': mallard._version_column(),
            'is_fit': ['boolean', 'Whether this build fitted the version. Otherwise it was there before.'],
            'reason': ['varchar', 'Why it was fitted, or "nothing to fit".'],
            'n_rows': ['bigint', 'Rows of the select.'],
            'n_customers': ['bigint', 'Those with a segment.'],
            'n_joined': ['bigint', 'Customers who were not there at the build before. Null at the first build.'],
            'n_left': ['bigint', 'Customers of the build before who are not there any more. Null at the first build.'],
            'n_moved': ['bigint', 'Customers of both builds who have another segment, or have one where they had none or the reverse. Null at the first build.'],
            'data_fingerprint': mallard._table('versions').columns.data_fingerprint,
            'moments': ['varchar', 'The sums over the customers of each segment by which drift is measured, how many are those of the fit, unchanged, and suppress_below, if it is set, as JSON.'],
        },
    }) }}
{%- endmacro %}

{# The pass over the customers by the version that gave the segments, and its overlap with that at the fit, as JSON: what the version keeps
   of its fit, or what the look for drift found. #}
{% macro _moments_of_build(made) -%}
    {%- if made.version.is_new -%}
        {{ return(mallard._as_state({'segments': made.version.moments, 'overlap': [1, 1]}, made)) }}
    {%- endif -%}
    {%- set query -%}
        select {{ mallard._digits_of('overlap_of_shares') }}, {{ mallard._digits_of('overlap_of_values') }} from mallard__drifted
    {%- endset -%}
    {%- set overlap = [] -%}
    {%- for digits in mallard._query(query)[0] -%} {%- do overlap.append(mallard._digits(digits) | float) -%} {%- endfor -%}
    {{ return(mallard._as_state({'segments': mallard._moments('select * from mallard__pass'), 'overlap': overlap}, made)) }}
{%- endmacro %}

{# What is kept of a build, as JSON: for the next one, and of how many customers a report may show figures. #}
{% macro _as_state(moments, made) -%}
    {%- set fewest = made.plan.settings.suppress_below -%}
    {{ return(tojson(dict(moments, suppress_below=fewest) if fewest is not none else moments)) }}
{%- endmacro %}

{# What rows of a build have in common. #}
{% macro _build_column() -%}
    {{ return(['integer', 'Number of the build, from 1. The highest is the last one. With group_by, it is the same for all groups.']) }}
{%- endmacro %}

{% macro _built_at_column() -%}
    {{ return(['timestamp', 'When the run began that built the tables, in UTC.']) }}
{%- endmacro %}

{% macro _run_id_column() -%}
    {{ return(['varchar', "dbt's invocation_id of the run."]) }}
{%- endmacro %}

{# The number of the build that runs. Times can't tell builds apart, because clocks are set back. #}
{% macro _next_build(segmentation) -%}
    {%- set builds = mallard._own_table_beside(segmentation, 'builds') -%}
    {%- if not execute or not load_cached_relation(builds) -%}
        {{ return(1) }}
    {%- endif -%}
    {{ return(mallard._query('select coalesce(max(build), 0) + 1 from ' ~ builds)[0][0] | int) }}
{%- endmacro %}

{# From how many came and went, the number of rows can be deduced. #}
{% macro _few_in_builds(rows, made, fewest) -%}
    select
        *,
        mallard__hides_rows
        or coalesce({{ mallard._are_few('n_joined', fewest) }}, false)
        or coalesce({{ mallard._are_few('n_left', fewest) }}, false) as mallard__hides_came,
        coalesce({{ mallard._are_few('n_moved', fewest) }}, false) as mallard__hides_moved
    from (select *, {{ mallard._are_few('(n_rows - n_customers)', fewest) }} as mallard__hides_rows from {{ rows }})
{%- endmacro %}
