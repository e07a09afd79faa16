{# Run Mallard's SQL, and return its rows. #}
{% macro _query(text) -%}
    {{ return(adapter.dispatch('_query', 'mallard')(text)) }}
{%- endmacro %}

{% macro default___query(text) -%}
    {{ return(run_query(text)) }}
{%- endmacro %}

{# The driver holds small tables, and needs no Spark for them. #}
{% macro spark___query(text) -%}
    {%- set rows = adapter.mallard_rows(text, mallard._scratch()) if execute else none -%}
    {{ return(rows if rows is not none else run_query(mallard._ready(text))) }}
{%- endmacro %}

{# Run Mallard's SQL for what it does. dbt takes a while to put even no rows into a table, so nobody asks for them. #}
{% macro _run(text) -%}
    {{ return(adapter.dispatch('_run', 'mallard')(text)) }}
{%- endmacro %}

{% macro default___run(text) -%}
    {%- do adapter.execute(text) if execute -%}
{%- endmacro %}

{% macro spark___run(text) -%}
    {%- do mallard._query(text) -%}
{%- endmacro %}

{# Mallard's SQL as the target's, for a query that runs now: what Spark would run several times has run already. #}
{% macro _ready(text) -%}
    {{ return(adapter.dispatch('_ready', 'mallard')(text)) }}
{%- endmacro %}

{% macro default___ready(text) -%}
    {{ return(text) }}
{%- endmacro %}

{% macro spark___ready(text) -%}
    {{ return(adapter.mallard_ready(text, mallard._scratch()) if execute else text) }}
{%- endmacro %}
