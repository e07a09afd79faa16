{% macro feature_statistics(relation, features) -%}
    {{ return(adapter.dispatch('feature_statistics', 'mallard')(relation, features)) }}
{%- endmacro %}

{# One row per number and per position of a vector, in their order, with all that scaling needs. #}
{% macro default__feature_statistics(relation, features) -%}
    {%- set numbers, structs, queries, places = [], [], [], [1] -%}
    {%- for feature in features.features -%}
        {%- set described -%}
            'feature': {{ mallard._literal(feature.name) }},
            'expression': {{ mallard._literal(feature.expression) }},
            'scale': {{ mallard._literal(feature.scale) }},
            'feature_weight': cast({{ feature.weight }} as double),
            'fill': {{ mallard._literal(feature.fill) }},
            'row_weight': {{ mallard._literal(features.weight) if features.weight else 'cast(null as varchar)' }}
        {%- endset -%}
        {%- set place = places[-1] -%}
        {%- do places.append(place + (feature.size or 1)) -%}
        {%- if feature.size -%}
            {%- set of_vector -%}
                select
                    unnest({
                        'place': cast({{ place }} + position as integer),
                        {{ described }},
                        'center': center_0,
                        'spread': spread_0,
                        'filler': filler_0
                    })
                from ({{ mallard._statistics_by_position(relation, feature, features.weight) }})
            {%- endset -%}
            {%- do queries.append(of_vector) -%}
        {%- else -%}
            {%- set n = numbers | length -%}
            {%- set of_number -%}
                {
                    'place': cast({{ place }} as integer),
                    {{ described }},
                    'center': center_{{ n }},
                    'spread': spread_{{ n }},
                    'filler': filler_{{ n }}
                }
            {%- endset -%}
            {%- do numbers.append(feature) -%}
            {%- do structs.append(of_number) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if numbers -%}
        {%- set of_numbers -%}
            select unnest([{{ structs | join(', ') }}], recursive := true)
            from ({{ mallard._statistics(relation, dict(features, features=numbers)) }})
        {%- endset -%}
        {%- do queries.append(of_numbers) -%}
    {%- endif -%}
    select * from ({{ queries | join(' union all ') }})
    order by place asc
{%- endmacro %}
