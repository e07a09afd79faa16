{# The kinds of events that get columns: those that are named, or those that occur in events that can be used. #}
{% macro _kinds(relation, customer_id, at, kind, as_of, kinds) -%}
    {%- if kinds is not none -%}
        {%- do mallard._check_kinds(kinds) -%}
        {{ return(kinds) }}
    {%- endif -%}
    {%- set with_all_rows = mallard._with_all_rows(relation) -%}
    {%- set events = mallard._activity_events(with_all_rows, customer_id, at, kind, as_of, none, none) -%}
    {%- if mallard._known_columns(with_all_rows) is none -%}
        {%- if mallard._is_building() -%}
            {%- set remedy = "the events can't be read before the model runs; name the kinds, such as ['post', 'like']" -%}
            {%- do mallard._refuse('kinds', none, remedy) -%}
        {%- endif -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set found = [] -%}
    {%- set longest = 50 -%}
    {# dbt would turn texts of digits into numbers, if it weren't for the letter after them. #}
    {%- set query = "select distinct mallard__kind || '_' from " ~ mallard._usable(events) ~ ' order by all limit ' ~ (longest + 1) -%}
    {%- for row in mallard._query(query).rows -%}
        {%- do found.append(row[0][:-1]) -%}
    {%- endfor -%}
    {%- if found | length > longest -%}
        {%- do mallard._refuse('kind', kind, 'it has more than ' ~ longest ~ ' different values; name those that count in kinds') -%}
    {%- endif -%}
    {%- do mallard._check_kinds_differ('kind', found) -%}
    {{ return(found) }}
{%- endmacro %}

{% macro _check_kinds(kinds) -%}
    {%- set is_list = kinds is sequence and kinds is not string and kinds is not mapping and kinds -%}
    {%- if not is_list or kinds | reject('string') | list or '' in kinds | map('trim') -%}
        {%- do mallard._refuse('kinds', kinds, "list the kinds as texts, such as ['post', 'like']") -%}
    {%- endif -%}
    {%- do mallard._check_kinds_differ('kinds', kinds) -%}
{%- endmacro %}

{# Columns are named after kinds, and upper case doesn't tell them apart. #}
{% macro _check_kinds_differ(argument, kinds) -%}
    {%- set taken = ['activity'] -%}
    {%- for kind in kinds -%}
        {%- if kind | lower in taken -%}
            {%- do mallard._refuse(argument, kind, 'other columns begin with this name; call the kind something else in a query') -%}
        {%- endif -%}
        {%- do taken.append(kind | lower) -%}
    {%- endfor -%}
{%- endmacro %}
