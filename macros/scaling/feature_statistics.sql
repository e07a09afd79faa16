{% macro feature_statistics(relation, features) -%}
    {{ return(mallard._sql(adapter.dispatch('feature_statistics', 'mallard')(relation, features))) }}
{%- endmacro %}

{# One row per number and per position of a vector, in their order, with all that scaling needs. Numbers come in batches, because DuckDB
   takes a minute to plan one query for some hundred of them; the features of a column stay together. #}
{% macro default__feature_statistics(relation, features) -%}
    {%- set batches, queries, places = [{'candidates': [], 'columns': {}, 'structs': []}], [], [1] -%}
    {%- set latest = {} -%}
    {%- for feature in features.features -%}
        {%- set described -%}
            'feature': {{ mallard._literal(feature.name) }},
            'expression': {{ mallard._literal(feature.expression) }},
            'feature_weight': cast({{ feature.weight }} as double),
            'fill': {{ mallard._literal(feature.fill) }},
            'row_weight': {{ mallard._literal(features.weight) if features.weight else 'cast(null as varchar)' }}
        {%- endset -%}
        {%- set place = places[-1] -%}
        {%- do places.append(place + (feature.size or 1)) -%}
        {%- if feature.size -%}
            {%- set of_vector -%}
                select
                    unnest([{
                        'place': cast({{ place }} + position as integer),
                        {{ described }},
                        'scale': {{ mallard._literal(feature.scale) }},
                        'scale_reason': {{ mallard._literal(mallard._reason_of_scale(feature)) }},
                        'unit': unit_0,
                        'center': center_0,
                        'spread': spread_0,
                        'filler': filler_0,
                        'skewness': cast(null as double)
                    }], recursive := true)
                from ({{ mallard._statistics_by_position(relation, feature, features.weight) }})
            {%- endset -%}
            {%- do queries.append(of_vector) -%}
        {%- else -%}
            {%- if batches[-1].candidates | length >= 32 and feature.column != latest.column -%}
                {%- do batches.append({'candidates': [], 'columns': {}, 'structs': []}) -%}
            {%- endif -%}
            {%- do latest.update(column=feature.column) -%}
            {%- set chosen = mallard._chosen_of_candidates(feature, batches[-1].candidates, batches[-1].columns) -%}
            {%- set of_number -%}
                {
                    'place': cast({{ place }} as integer),
                    {{ described }},
                    {%- for name, sql in chosen.items() %}
                    '{{ name }}': {{ sql }}{{ ',' if not loop.last }}
                    {%- endfor %}
                }
            {%- endset -%}
            {%- do batches[-1].structs.append(of_number) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for batch in batches if batch.structs -%}
        {%- set of_numbers -%}
            select unnest([{{ batch.structs | join(', ') }}], recursive := true)
            from ({{ mallard._statistics_of_candidates(relation, dict(features, features=batch.candidates), batch.columns) }})
        {%- endset -%}
        {%- do queries.append(of_numbers) -%}
    {%- endfor -%}
    {%- set columns = [
        'place', 'feature', 'expression', 'scale', 'scale_reason', 'feature_weight', 'fill', 'row_weight', 'unit', 'center', 'spread', 'filler',
        'skewness'
    ] | join(', ') -%}
    {%- for query in queries %}
    select {{ columns }} from ({{ query }})
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    order by place asc
{%- endmacro %}

{# The statistics of a number, as SQL over those of the candidates for its scale, which join the others here. #}
{% macro _chosen_of_candidates(feature, candidates, columns) -%}
    {%- set n = candidates | length -%}
    {%- set names = ['unit', 'center', 'spread', 'filler'] -%}
    {%- set chosen = {'skewness': 'skewness_' ~ n} -%}
    {%- if feature.scale == 'auto' -%}
        {%- do candidates.append(dict(feature, scale='standard', with_shape=true)) -%}
        {%- do candidates.append(dict(feature, scale='asinh+standard', with_shape=true, is_alternative=true)) -%}
        {%- set is_logarithm = mallard._is_logarithm('choice_' ~ n) -%}
        {%- do chosen.update(
            scale='case when ' ~ is_logarithm ~ " then 'asinh+standard' else 'standard' end",
            scale_reason=mallard._reason_of_choice('choice_' ~ n, 'skewness_' ~ n)
        ) -%}
        {%- for name in names -%}
            {%- do chosen.update({name: 'case when ' ~ is_logarithm ~ ' then ' ~ name ~ '_' ~ (n + 1) ~ ' else ' ~ name ~ '_' ~ n ~ ' end'}) -%}
        {%- endfor -%}
    {%- else -%}
        {%- set scale = mallard._scale_of(feature) -%}
        {%- set has_skewness = (scale.value, scale.spread) == ('{}', 'deviation') -%}
        {%- if not has_skewness -%}
            {%- do candidates.append(dict(feature, scale='standard', fill='none', with_shape=true)) -%}
        {%- endif -%}
        {%- set own = candidates | length -%}
        {%- do candidates.append(dict(feature, with_shape=has_skewness)) -%}
        {%- do chosen.update(
            scale=mallard._literal(feature.scale), scale_reason=mallard._literal(mallard._reason_of_scale(feature))
        ) -%}
        {%- for name in names -%} {%- do chosen.update({name: name ~ '_' ~ own}) -%} {%- endfor -%}
        {%- if scale.of_column -%}
            {%- do columns.setdefault(feature.column, []).append(own) -%}
            {%- do chosen.update(spread='column_spread_' ~ columns[feature.column][0]) -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(chosen) }}
{%- endmacro %}

{# The statistics of all candidates, with what follows from several of them: skewness, choices, and spreads of columns of categories. #}
{% macro _statistics_of_candidates(relation, features, columns) -%}
    select
        *
        {%- for feature in features.features %}
        {%- set n = loop.index0 %}
        {%- if feature.is_alternative %},
        {{ mallard._choice_by_shape(n - 1, n, feature.earlier) }} as choice_{{ n - 1 }}
        {%- elif feature.with_shape %},
        {{ mallard._skewness(n) }} as skewness_{{ n }}
        {%- endif %}
        {%- endfor %}
        {%- for places in columns.values() %},
        {{ mallard._column_spread(places) }} as column_spread_{{ places[0] }}
        {%- endfor %}
    from ({{ mallard._statistics(relation, features) }})
{%- endmacro %}

{# The spread with which the features of a column of categories, or the one of a boolean, have a variance of 1 together. What fewer than
   5 % of the customers have would lie far from all others and get a segment of its own, so the variance counts as that of 5 % at least. #}
{% macro _column_spread(places) -%}
    {%- set squares = [] -%}
    {%- for n in places -%} {%- do squares.append('spread_' ~ n ~ ' * spread_' ~ n) -%} {%- endfor -%}
    sqrt(greatest({{ mallard._sum(squares) }}, {{ 0.05 * 0.95 }} * {{ [places | length, 2] | min }}))
{%- endmacro %}
