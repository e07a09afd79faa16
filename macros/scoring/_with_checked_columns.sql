{# The relation to score, if it has the columns that this takes, of the types that they had at the fit, and none that scoring adds. A table
   or view is looked at while the model compiles; a CTE or a subquery, which only its query knows, when that runs. #}
{% macro _with_checked_columns(relation, segmentation, stored) -%}
    {%- set problem = mallard._problem_of_columns(relation, segmentation, stored) -%}
    {%- if relation is not string and not relation.is_cte and load_relation(mallard._with_all_rows(relation)) -%}
        {%- set found = mallard._query(problem)[0][0] -%}
        {%- do mallard._stop(found) if found is not none -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- if target.type == 'spark' -%}
        {#- Which has no query for the columns of another. -#}
        {{ return(relation) }}
    {%- endif -%}
    {{ return(
        '(select * from ' ~ relation ~ " where (select case when problem is null then true else error('mallard: ' || problem) end from ("
        ~ problem ~ ')))'
    ) }}
{%- endmacro %}

{# A query for what is wrong with the columns, in one line; null if nothing is. #}
{% macro _problem_of_columns(relation, segmentation, stored) -%}
    {%- set scorer = 'model ' ~ model.name if model is defined and model.name else 'this query' -%}
    {%- set by = segmentation.identifier if stored.groups else 'version ' ~ stored.version ~ ' of ' ~ segmentation.identifier -%}
    {%- set start = scorer ~ " can't score by " ~ by ~ ': column ' -%}
    {%- set taken, needed = [], [] -%}
    {%- set of_score = mallard._columns_of_a_score(mallard._stored_outliers(stored)) -%}
    {%- set added = dict(of_score, **(mallard._group_column() if stored.groups else {})) -%}
    {%- for column in added -%} {%- do taken.append(mallard._literal(column)) -%} {%- endfor -%}
    {%- for column, type in stored.columns.items() -%}
        {%- do needed.append('(' ~ mallard._literal(column) ~ ', ' ~ mallard._literal(type | upper) ~ ')') -%}
    {%- endfor -%}
    with mallard__given as (

        select
            column_name,
            column_type,
            {{ mallard._sort_of_type('column_type') }} as sort
        from {{ mallard._described(relation) }}

    ),

    mallard__needed as (

        select
            column_name,
            fitted,
            {{ mallard._sort_of_type('fitted') }} as sort
        from (values {{ needed | join(', ') }}) as columns_of_features (column_name, fitted)

    )

    select {{ mallard._literal(start) }} || coalesce(
        (
            select column_name || ' has a name that scoring needs for a column of its own; leave it out, or give it another name.'
            from mallard__given
            where lower(column_name) in ({{ taken | join(', ') }}) or regexp_matches(column_name, '^(mallard__|squared_distance_)', 'i')
            limit 1
        ),
        (
            select needed.column_name || case
                when given.column_name is null then ', which was ' || fitted || ' at the fit, is missing; add it to what is scored.'
                else ' is ' || column_type || ' and was ' || fitted || ' at the fit; cast it in what is scored.'
            end
            from mallard__needed as needed
            left join mallard__given as given on lower(needed.column_name) = lower(given.column_name)
            where
                given.sort is distinct from needed.sort
                and not (needed.sort = 'fraction' and given.sort = 'whole number')
                and column_type is distinct from '"NULL"'
            limit 1
        )
    ) as problem
{%- endmacro %}

{# The columns of a relation or a query, and their types. #}
{% macro _described(relation) -%}
    {{ return(adapter.dispatch('_described', 'mallard')(relation)) }}
{%- endmacro %}

{% macro default___described(relation) -%}
    (describe select * from {{ relation }})
{%- endmacro %}

{% macro spark___described(relation) -%}
    {%- set rows = [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) if relation is not string and not relation.is_cte -%}
        {%- do rows.append('(' ~ mallard._literal(column.name) ~ ', ' ~ mallard._literal(column.dtype | upper) ~ ')') -%}
    {%- endfor -%}
    (values {{ (rows or ["('', '')"]) | join(', ') }}) as mallard__described (column_name, column_type)
{%- endmacro %}

{# SQL for what types have in common of which features are made alike. What isn't finite can only be in a fraction. #}
{% macro _sort_of_type(type) -%}
    {%- set whole = 'U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL[^\\[]*|BIGNUM' -%}
    case
        when regexp_full_match({{ type }}, '{{ whole }}') then 'whole number'
        when {{ type }} in ('FLOAT', 'DOUBLE') then 'fraction'
        when regexp_full_match({{ type }}, 'VARCHAR.*|STRING|ENUM.*') then 'text'
        when regexp_full_match({{ type }}, 'LIST|ARRAY(<.*>)?|({{ whole }}|FLOAT|DOUBLE)\[\d*\]') then 'vector'
        else {{ type }}
    end
{%- endmacro %}
