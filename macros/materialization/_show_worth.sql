{# The customers of a fit, weighted by what they are worth: what is above 0, and what is below. #}
{% macro _show_worth(plan) -%}
    {%- set worth = mallard._weighted(mallard._worth(plan.settings.value_column), plan.weight) -%}
    {%- for name, amount in {'gains': worth, 'losses': '-(' ~ worth ~ ')'}.items() -%}
        {%- set weight = 'greatest(' ~ amount ~ ', 0) as mallard__weight' -%}
        {%- set columns = '* replace (' ~ weight ~ ')' if plan.weight else '*, ' ~ weight -%}
        {%- do mallard._show('mallard__' ~ name, 'select ' ~ columns ~ ' from mallard__clustered') -%}
    {%- endfor -%}
{%- endmacro %}
