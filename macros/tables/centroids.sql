{% macro centroids(segmentation) -%}
    {{ return(adapter.dispatch('centroids', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__centroids(segmentation) -%}
    {{ return(mallard._current_rows(segmentation, 'centroids')) }}
{%- endmacro %}

{% macro _centroids_query(made) -%}
    select
        segment_id,
        segment_name,
        cast(
            case segment_id
                {%- for segment in made.centroids.segments %} when {{ segment.segment_id }} then {{ mallard._literal(segment.rule_name) }}{% endfor %}
            end as varchar
        ) as "rule_name",
        * exclude (segment_id, segment_name)
    from ({{ mallard.default__centroid_table(made.centroids, made.statistics) }})
{%- endmacro %}

{% macro _centroids_table() -%}
    {{ return({
        'row': 'One row per segment and feature, with the position of the centroid and how the feature was scaled. With assignment: rules, that of the centroid which the rules follow, and not the mean of the customers.',
        'keeps': 'versions',
        'columns': {
            'version': mallard._version_column(),
            'segment_id': mallard._table('customers').columns.segment_id,
            'segment_name': mallard._table('customers').columns.segment_name,
            'rule_name': ['varchar', 'The name that the rule gave the segment at the fit. segment_name is what it is called: by you, or as in earlier versions.'],
            'feature': mallard._table('profiles').columns.feature,
            'scale': mallard._table('features').columns.scale,
            'unit': mallard._table('features').columns.unit,
            'centroid': ['double', 'Centroid in the unit of the feature. Null for a vector, and with metric cosine, because a direction has no position in feature units.'],
            'scaled_centroid': ['double', 'Centroid in scaled units, in which distances are measured. Null for a vector.'],
            'centroid_vector': ['double[]', 'Centroid of a vector in its own unit, instead of centroid. Null for a number, and with metric cosine.'],
            'scaled_centroid_vector': ['double[]', 'Centroid of a vector in scaled units, instead of scaled_centroid. Null for a number.'],
            'scaled_expression': ['varchar', "SQL that scales a customer's value."],
        },
    }) }}
{%- endmacro %}
