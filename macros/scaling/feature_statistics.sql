{% macro feature_statistics(relation, features) -%}
    {{ return(adapter.dispatch('feature_statistics', 'mallard')(relation, features)) }}
{%- endmacro %}

{# One row per feature, in their order, with all that scaling needs. #}
{% macro default__feature_statistics(relation, features) -%}
    select
        unnest([
            {%- for feature in features.features %}
            {
                'feature_number': cast({{ loop.index }} as integer),
                'feature': {{ mallard._literal(feature.name) }},
                'expression': {{ mallard._literal(feature.expression) }},
                'scale': {{ mallard._literal(feature.scale) }},
                'feature_weight': cast({{ feature.weight }} as double),
                'fill': {{ mallard._literal(feature.fill) }},
                'center': center_{{ loop.index0 }},
                'spread': spread_{{ loop.index0 }},
                'filler': filler_{{ loop.index0 }},
                'row_weight': {{ mallard._literal(features.weight) if features.weight else 'cast(null as varchar)' }}
            }{{ ',' if not loop.last }}
            {%- endfor %}
        ], recursive := true)
    from ({{ mallard._statistics(relation, features) }})
{%- endmacro %}
