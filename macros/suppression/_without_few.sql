{# The rows of a table beside a segmentation without figures of fewer customers than `suppress_below`, and without those from which they
   could be deduced. The register has the `figures` of a table by what hides them; for each of these, `_few_in_<name>(rows, made, fewest)`
   adds a column mallard__hides_<what> to the rows. A segment of few customers has no name, because that tells of these few. #}
{% macro _without_few(name, rows, made) -%}
    {%- set about = mallard._table(name) -%}
    {%- set hides = {} -%}
    {%- for what, columns in about.figures.items() -%}
        {%- for column in columns -%} {%- do hides.update({column: 'mallard__hides_' ~ what}) -%} {%- endfor -%}
    {%- endfor -%}
    select
        {%- for column in about.columns %}
        {%- set quoted = mallard._quoted(column) %}
        {%- set id = column[:-4] ~ 'id' %}
        {%- if column in hides %}
        case when not {{ hides[column] }} then {{ quoted }} end as {{ quoted }}
        {%- elif column.endswith('segment_name') and id in about.columns %}
        case
            when {{ id }} in (select segment_id from mallard__few_segments) then 'segment ' || cast({{ id }} as varchar)
            else {{ quoted }}
        end as {{ quoted }}
        {%- else %}
        {{ quoted }}
        {%- endif -%}
        {{ ',' if not loop.last }}
        {%- endfor %}
    from ({{ context['mallard']['_few_in_' ~ name](rows, made, made.plan.settings.suppress_below) }})
    order by
        {%- for column in about.columns if column not in hides %}
        {{ mallard._quoted(column) }} asc{{ ',' if not loop.last }}
        {%- endfor %}
{%- endmacro %}

{# Whether a table has figures that this build hides. #}
{% macro _hides_few(name, made) -%}
    {{ return(made.plan is mapping and made.plan.settings.suppress_below is not none and 'figures' in mallard._table(name)) }}
{%- endmacro %}

{# Rows, of which all within a `whole` are hidden if one is of few customers: where they add up in several ways, any that are left out could
   be deduced. `n` is how many customers a row is of. #}
{% macro _all_or_none(rows, n, whole, fewest) -%}
    select
        *,
        coalesce(bool_or({{ mallard._are_few(n, fewest) }}) over (partition by {{ whole }}), false) as mallard__hides_row
    from {{ rows }}
{%- endmacro %}

{# Whether there are customers, but too few to show figures of. #}
{% macro _are_few(n, fewest) -%}
    {{ return('(' ~ n ~ ' > 0 and ' ~ n ~ ' < ' ~ fewest ~ ')') }}
{%- endmacro %}
