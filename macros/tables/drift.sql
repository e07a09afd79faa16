{% macro drift(segmentation) -%}
    {{ return(adapter.dispatch('drift', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__drift(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'drift')) }}
{%- endmacro %}

{# A build looks for drift before it decides whether to fit, see _look_for_drift. #}
{% macro _drift_query(made) -%}
    select * from mallard__drift
{%- endmacro %}

{% macro _drift_table() -%}
    {{ return({
        'row': 'One row per build, what it is compared with, segment, feature and measure, with how much the customers changed. No rows for a build that no earlier version can score.',
        'keeps': 'builds',
        'figures': {'value': ['value_before', 'value'], 'size': ['size', 'p_value', 'is_significant']},
        'columns': {
            'build': mallard._build_column(),
            'built_at': mallard._built_at_column(),
            'run_id': mallard._run_id_column(),
            'version': ['integer', 'The version by which the customers of both moments are scored: the one that was there when the build began.'],
            'against': ['varchar', 'What today is compared with: fit, the customers at the fit of the version, or build before.'],
            'segment_id': ['integer', 'The segment. Null if the measure is of all customers.'],
            'segment_name': ['varchar', 'Its name in that version.'],
            'feature': ['varchar', 'The feature. Null if the measure is of none.'],
            'measure': ['varchar', 'Of all customers: means, by what fraction a new fit would lower inertia because means moved inside the segments; spread, the mean squared distance to the centroid, with the shares of the segments as they were; shares, half of the sum of their changes; feature mean; psi, the population stability index of the segments. Of a segment: share; mean and spread of each feature, spread being its standard deviation; mean distance, the root of the mean squared distance; far, the share of customers beyond the largest distance at the fit.'],
            'value_before': ['double', 'What it was. Features and distances are in scaled units. Null for means, shares and psi, which are of the change alone.'],
            'value': ['double', 'What it is now.'],
            'size': ['double', 'How large the change is: for spread and mean distance now over before; for feature mean and mean in standard deviations as they were, of all customers or of the segment; for share the difference; for far the value. Null where it is not defined, as in a segment without customers.'],
            'bound': ['double', 'From which size on the change is material. Null for measures of a segment.'],
            'p_value': ['double', 'How probable a change as large as this is, if nothing changed. It takes into account that customers are in both, and their weights. Null where too few customers are compared.'],
            'is_significant': ['boolean', 'Whether p_value is below 0.001.'],
            'is_material': ['boolean', 'Whether size reaches the bound, and is significant. Null without a bound.'],
            'decides': ['boolean', 'Whether a fit hangs on it: with refit: when_needed, a build fits again if it is material.'],
        },
    }) }}
{%- endmacro %}

{# What a mean of all was and is gives away those who came and went, and what changed in a segment, those who moved. Of a feature of two
   values, a change counts customers. #}
{% macro _few_in_drift(rows, made, fewest) -%}
    {%- set of_two -%}
        select feature from mallard__counts_of_values group by feature having bool_and(are_two)
    {%- endset -%}
    select
        mallard__rows.*,
        true as mallard__hides_value,
        mallard__rows.segment_id is not null or mallard__of_two.feature is not null as mallard__hides_size
    from {{ rows }} as mallard__rows
    left join ({{ of_two }}) as mallard__of_two on md5(mallard__rows.feature) = mallard__of_two.feature
{%- endmacro %}
