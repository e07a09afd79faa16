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
            select
                feature as "feature",
                expression as "expression",
                scale as "scale",
                fill as "fill",
                row_weight as "row_weight",
                regexp_replace(cast(feature_weight as varchar), '[.]0$', '') || '_' as "feature_weight",
                {{ mallard._digits_of('center') }} as "center",
                {{ mallard._digits_of('nullif(spread, 0)') }} as "spread",
                {{ mallard._digits_of('filler') }} as "filler"
            from {{ relation }}
            order by feature_number asc
        {%- endset -%}
        {%- for row in run_query(query) -%}
            {%- set of = {'name': row['feature'], 'expression': row['expression'], 'scale': row['scale'], 'fill': row['fill']} -%}
            {%- do of.update(
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
