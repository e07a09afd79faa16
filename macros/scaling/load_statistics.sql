{% macro load_statistics(relation) -%}
    {{ return(adapter.dispatch('load_statistics', 'mallard')(relation)) }}
{%- endmacro %}

{# Read while a model compiles, so that scaling is arithmetic with constants. #}
{% macro default__load_statistics(relation) -%}
    {%- set features = [] -%}
    {%- set weights = [none] -%}
    {%- if mallard._is_built(relation, 'the statistics of the features') -%}
        {%- set relation = mallard._with_all_rows(relation) -%}
        {%- set query -%}
            {%- set spreads = 'list(coalesce(nullif(spread, 0), 1) order by place asc)' %}
            select
                any_value(feature) as "feature",
                any_value(expression) as "expression",
                any_value(scale) as "scale",
                any_value(fill) as "fill",
                any_value(row_weight) as "row_weight",
                regexp_replace(cast(any_value(feature_weight) as varchar), '[.]0$', '') || '_' as "feature_weight",
                count(*) as "n_positions",
                bool_or(center <> 0 or spread <> 1) as "is_scaled",
                any_value(scale_reason) as "scale_reason",
                any_value({{ mallard._digits_of('skewness') }}) as "skewness",
                {{ mallard._digits_of_all('unit', 'list(unit order by place asc)', 'count(unit) > 0') }} as "unit",
                {{ mallard._digits_of_all('center', 'list(center order by place asc)') }} as "center",
                {{ mallard._digits_of_all('nullif(spread, 0)', spreads, 'max(spread) > 0') }} as "spread",
                {{ mallard._digits_of_all('filler', 'list(filler order by place asc)', 'count(filler) > 0') }} as "filler"
            from {{ relation }}
            group by feature collate posix
            order by min(place) asc
        {%- endset -%}
        {%- for row in mallard._query(query) -%}
            {%- set of = {'name': row['feature'], 'expression': row['expression'], 'scale': row['scale'], 'fill': row['fill']} -%}
            {%- do of.update(size=row['n_positions'] | int if row['n_positions'] > 1 else none, is_scaled=row['is_scaled']) -%}
            {%- do of.update(
                scale_reason=row['scale_reason'],
                skewness=mallard._digits(row['skewness']),
                unit=mallard._digits(row['unit']),
                weight=mallard._digits(row['feature_weight']),
                center=mallard._digits(row['center']),
                spread=mallard._digits(row['spread']),
                filler=mallard._digits(row['filler'])
            ) -%}
            {%- do features.append(of) -%}
            {%- do weights.append(row['row_weight']) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return({'features': features, 'weight': weights[-1]}) }}
{%- endmacro %}

{# All digits of a number, or of the list of those of a vector, which has several rows; null if the list isn't `defined`. #}
{% macro _digits_of_all(number, numbers, defined='true') -%}
    case
        when count(*) = 1 then any_value({{ mallard._digits_of(number) }})
        when {{ defined }} then {{ mallard._digits_of(numbers) }}
    end
{%- endmacro %}
