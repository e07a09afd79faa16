{% macro adjusted_rand_index(relation, first, second) -%}
    {{ return(mallard._sql(adapter.dispatch('adjusted_rand_index', 'mallard')(relation, first, second))) }}
{%- endmacro %}

{# Hubert and Arabie, "Comparing partitions", Journal of Classification 2 (1985), by the pairs of rows that share both labels, one of them,
   and none. Whole numbers are exact, and their products fit up to 4,000,000,000 rows. #}
{% macro default__adjusted_rand_index(relation, first, second) -%}
    {%- do mallard._check_names(relation, {'first': first, 'second': second}) -%}
    {%- set cells -%}
        select
            {{ mallard._exact_text(mallard._quoted(first)) }} as mallard__first,
            {{ mallard._exact_text(mallard._quoted(second)) }} as mallard__second,
            count(*) as n
        from {{ relation }}
        where {{ mallard._quoted(first) }} is not null and {{ mallard._quoted(second) }} is not null
        group by all
    {%- endset -%}
    {{ mallard._adjusted_rand_index_of(cells) }}
{%- endmacro %}

{# The same from how many rows have each pair of labels; with `by`, a column of the cells, for each of its values. The pairs of rows that
   share a label are, for each of these rows, the others with it, each counted twice. #}
{% macro _adjusted_rand_index_of(cells, by=none) -%}
    {%- set others = 'sum(cast(n as hugeint) * (cast(n_LABEL as hugeint) - 1)) // 2' -%}
    with mallard__cells as (

        select
            *,
            sum(n) over (partition by {{ by ~ ', ' if by }}mallard__first) as n_first,
            sum(n) over (partition by {{ by ~ ', ' if by }}mallard__second) as n_second
        from ({{ cells }})

    ),

    mallard__pairs as (

        select
            {{ by ~ ',' if by }}
            coalesce(sum(n), 0) as n,
            {{ mallard._pairs('sum(n)') }} as in_all,
            sum({{ mallard._pairs('n') }}) as in_both,
            {{ others | replace('LABEL', 'first') }} as in_first,
            {{ others | replace('LABEL', 'second') }} as in_second
        from mallard__cells
        {{ 'group by ' ~ by if by }}

    ),

    mallard__confusion as (

        select
            *,
            in_first - in_both as only_in_first,
            in_second - in_both as only_in_second,
            in_all - in_first - in_second + in_both as in_none
        from mallard__pairs

    )

    select
        {{ by ~ ',' if by }}
        case
            when only_in_first = 0 and only_in_second = 0 then 1.0
            else
                2 * cast(in_both * in_none - only_in_first * only_in_second as double)
                / cast(
                    (in_both + only_in_first) * (only_in_first + in_none)
                    + (in_both + only_in_second) * (only_in_second + in_none)
                    as double
                )
        end as "adjusted_rand_index",
        cast(n as bigint) as "n"
    from mallard__confusion
{%- endmacro %}

{# How many pairs there are of so many rows. #}
{% macro _pairs(count) -%}
    cast({{ count }} as hugeint) * (cast({{ count }} as hugeint) - 1) // 2
{%- endmacro %}
