{# The parts of a whole whose figures have to be hidden, as rows of `whole` and `part`, if those of fewer customers than `fewest` are: their
   own, and those of the next smallest parts until what is hidden together is of enough customers, and of more than one part, because figures
   of the whole are known. `cells` are rows of `whole`, `part`, a `group` of customers and the number `n` of those in it; what is hidden has
   to be enough in every group. The rule is that of mallard.report.disclosure.parts_to_hide. #}
{% macro _parts_to_hide(cells, fewest) -%}
    {%- set is_few -%} n > 0 and n < {{ fewest }} {%- endset -%}
    with mallard__cells as (

        select whole, part, cell_group, sum(n) as n from ({{ cells }})
        group by whole, part, cell_group

    ),

    mallard__parts as (

        select whole, part, bool_or({{ is_few }}) as is_few, sum(n) as total from mallard__cells
        group by whole, part

    ),

    mallard__in_order as (

        select
            *,
            row_number() over (partition by whole order by is_few desc, total asc, part asc) as place,
            count(*) filter (is_few) over (partition by whole) as n_few
        from mallard__parts

    ),

    mallard__together as (

        select
            whole,
            place,
            n_few,
            sum(n) over (partition by whole, cell_group order by place asc rows between unbounded preceding and current row) as n
        from (
            select
                mallard__in_order.whole,
                mallard__in_order.place,
                mallard__in_order.n_few,
                mallard__groups.cell_group,
                coalesce(mallard__cells.n, 0) as n
            from mallard__in_order
            inner join (select distinct whole, cell_group from mallard__cells) as mallard__groups
                on mallard__in_order.whole = mallard__groups.whole
            left join mallard__cells
                on mallard__in_order.whole = mallard__cells.whole
                and mallard__in_order.part is not distinct from mallard__cells.part
                and mallard__groups.cell_group = mallard__cells.cell_group
        )

    ),

    mallard__enough as (

        select whole, min(place) as place
        from (
            select whole, place from mallard__together
            where place >= greatest(2, n_few)
            group by whole, place
            having not bool_or({{ is_few }})
        )
        group by whole

    )

    select mallard__in_order.whole, mallard__in_order.part
    from mallard__in_order
    left join mallard__enough on mallard__in_order.whole = mallard__enough.whole
    where mallard__in_order.n_few > 0 and mallard__in_order.place <= coalesce(mallard__enough.place, mallard__in_order.place)
{%- endmacro %}
