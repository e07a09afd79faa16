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
