{% macro silhouette(relation, label, features, by=none) -%}
    {{ return(mallard._sql(adapter.dispatch('silhouette', 'mallard')(relation, label, features, by))) }}
{%- endmacro %}

{% macro default__silhouette(relation, label, features, by=none) -%}
    {%- if features is string or features is not sequence or not features -%}
        {%- do mallard._refuse('features', features or none, 'give the names of columns as a list') -%}
    {%- endif -%}
    {%- do mallard._check_names(relation, {'label': label} if by is none else {'label': label, 'by': by}) -%}
    {%- set sizes = {} -%}
    {%- for feature in features -%}
        {%- do mallard._check_names(relation, {'features': feature}) -%}
        {%- do sizes.update({feature: none}) -%}
    {%- endfor -%}
    {{ mallard._silhouette_of(relation, label, sizes, by) }}
{%- endmacro %}

{# Rousseeuw, "Silhouettes", Journal of Computational and Applied Mathematics 20 (1987): (b - a) / max(a, b), where a is the mean distance
   to the others with the same label, and b that to those with the nearest other label; 0 for a row that is alone. Sums are exact, so that
   neither threads nor the order of the rows change them.

   features: the size of each that is a vector, none for a number, by the name of the column.
   by: a column; the rows of each of its values are by themselves, and have a row of the result. #}
{% macro _silhouette_of(relation, label, features, by=none) -%}
    {%- set known, squares, differences = [], [], [] -%}
    {%- set value = mallard._exact_text(mallard._quoted(by)) if by is not none else none -%}
    {%- do known.append(mallard._quoted(by) ~ ' is not null') if value -%}
    {%- for feature, size in features.items() -%}
        {%- set column = mallard._quoted(feature) -%}
        {%- set one, other = 'one.mallard__x' ~ loop.index, 'other.mallard__x' ~ loop.index -%}
        {%- do known.append(column ~ ' is not null') -%}
        {%- if size -%}
            {%- do squares.append('array_inner_product(' ~ column ~ ', ' ~ column ~ ')') -%}
            {%- do differences.append('pow(array_distance(' ~ one ~ ', ' ~ other ~ '), 2)') -%}
        {%- else -%}
            {%- do squares.append('pow(cast(' ~ column ~ ' as double), 2)') -%}
            {%- do differences.append('pow(' ~ one ~ ' - ' ~ other ~ ', 2)') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set largest = 'max(sqrt(' ~ mallard._sum(squares) ~ ')) over (' ~ ('partition by ' ~ value if value else '') ~ ')' -%}
    with mallard__rows as materialized (

        select
            row_number() over () as mallard__row,
            {{ value ~ ' as mallard__by,' if value }}
            {{ mallard._exact_text(mallard._quoted(label)) }} as mallard__label,
            {%- for feature, size in features.items() %}
            {{ mallard._quoted(feature) if size else 'cast(' ~ mallard._quoted(feature) ~ ' as double)' }} as mallard__x{{ loop.index }},
            {%- endfor %}
            {{ mallard.default__sum_scale('2 * ' ~ largest) }} as mallard__scale
        from {{ relation }}
        where {{ mallard._quoted(label) }} is not null and {{ known | join(' and ') }}

    ),

    mallard__to_labels as (

        select
            one.mallard__row,
            {{ 'one.mallard__by,' if value }}
            one.mallard__label = other.mallard__label as is_own,
            {{ mallard.default__exact_sum('sqrt(' ~ mallard._sum(differences) ~ ')', 'one.mallard__scale') }} as total,
            count(*) as n
        from mallard__rows as one
        {{ 'inner join mallard__rows as other using (mallard__by)' if value else 'cross join mallard__rows as other' }}
        group by one.mallard__row, {{ 'one.mallard__by, ' if value }}one.mallard__label, other.mallard__label

    ),

    mallard__means as (

        select
            mallard__row,
            {{ 'mallard__by,' if value }}
            max(case when is_own then total / nullif(n - 1, 0) end) as within,
            min(case when not is_own then total / n end) as nearest_other
        from mallard__to_labels
        group by mallard__row {{- ', mallard__by' if value }}

    ),

    mallard__silhouettes as (

        select
            {{ 'mallard__by,' if value }}
            case
                when nearest_other is null then null
                when within is null then 0
                else coalesce((nearest_other - within) / nullif(greatest(within, nearest_other), 0), 0)
            end as silhouette,
            {{ mallard.default__sum_scale('1.0') }} as mallard__scale
        from mallard__means

    )

    select
        {{ 'mallard__by as ' ~ mallard._quoted(by) ~ ',' if value }}
        {{ mallard.default__exact_sum('silhouette', 'mallard__scale') }} / count(silhouette) as "silhouette",
        count(*) as "n"
    from mallard__silhouettes
    {{ 'group by mallard__by' if value }}
{%- endmacro %}
