{# Which group the build is at, for what is said meanwhile; none, if that is about all customers. #}
{% macro _speak_of(group) -%}
    {%- do model.update(mallard__group=group) -%}
{%- endmacro %}

{# What messages about a group begin with. #}
{% macro _of_group() -%}
    {%- set group = model.get('mallard__group') if model is defined else none -%}
    {{ return('group ' ~ group ~ ': ' if group is not none else '') }}
{%- endmacro %}

{# The group, for Python. #}
{% macro _group_in_python() -%}
    {%- set group = model.get('mallard__group') -%}
    {{ return('None' if group is none else tojson(group)) }}
{%- endmacro %}

{# One line at the terminal; about a group, of which there can be hundreds, only in dbt's log file. #}
{% macro _say(text) -%}
    {%- do log('mallard: ' ~ model.name ~ ': ' ~ mallard._of_group() ~ text, info=mallard._of_group() == '') -%}
{%- endmacro %}

{# How far a build has come, one line per group; of many, one every ten. #}
{% macro _say_progress(part) -%}
    {%- if part.n_groups <= 20 or part.number % 10 == 0 or part.number == part.n_groups -%}
        {%- set rows = '{:,}'.format(part.n_rows) ~ ' rows' -%}
        {%- set how_far = part.number ~ ' of ' ~ part.n_groups -%}
        {%- do mallard._say('group ' ~ part.group ~ ' of ' ~ rows ~ ' is done, ' ~ how_far) -%}
    {%- endif -%}
{%- endmacro %}
