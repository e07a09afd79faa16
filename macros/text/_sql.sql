{# Mallard's SQL, which is DuckDB's, as the target's. Macros of this package put Mallard's SQL together, so they call default__... of each
   other; what a public macro returns is the target's, because it stands in somebody's model. #}
{% macro _sql(text) -%}
    {{ return(adapter.dispatch('_sql', 'mallard')(text)) }}
{%- endmacro %}

{% macro default___sql(text) -%}
    {{ return(text) }}
{%- endmacro %}

{% macro spark___sql(text) -%}
    {{ return(adapter.mallard_sql(text, mallard._scratch()) if text is string and execute else text) }}
{%- endmacro %}

{# What the temporary tables and views of a model begin with on Spark, where all threads see them. #}
{% macro _scratch() -%}
    {{ return('mallard__' ~ (local_md5(model.unique_id)[:8] if model is defined and model.unique_id else 'run')) }}
{%- endmacro %}
