{# The day of `as_of`, as SQL. A text that begins like 2026-01-31 is that day, since no SQL of use does; any other text is SQL. #}
{% macro _as_of(as_of) -%}
    {%- set text = as_of | string | trim -%}
    {%- if as_of is boolean or as_of is number or as_of is mapping or as_of is iterable and as_of is not string or not text -%}
        {%- do mallard._refuse('as_of', as_of, "give a day such as '2026-01-31', or SQL such as 'current_date'") -%}
    {%- endif -%}
    {%- set is_day = modules.re.match('[0-9]{4}-[0-9]{2}-[0-9]{2}', text) -%}
    (
        select cast({{ mallard._moment('mallard__as_of') }} as date)
        from (select {{ mallard._literal(text) if is_day else '(' ~ text ~ ')' }} as mallard__as_of)
    )
{%- endmacro %}
