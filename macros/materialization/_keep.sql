{# Keep the rows of a query under a name, for the time of a build: few rows, but for the customers. #}
{% macro _keep(name, query) -%}
    {{ return(adapter.dispatch('_keep', 'mallard')(name, query)) }}
{%- endmacro %}

{% macro default___keep(name, query) -%}
    {%- do mallard._run(mallard._keeps(name, query)) -%}
{%- endmacro %}

{% macro _keeps(name, query) -%}
    {{ return('create or replace temp table ' ~ name ~ ' as ' ~ query) }}
{%- endmacro %}

{# Spark has no temporary tables: the driver holds the rows. #}
{% macro spark___keep(name, query) -%}
    {%- do adapter.mallard_keep(name, query, mallard._scratch()) -%}
{%- endmacro %}

{# Give a query a name for the time of a build. #}
{% macro _show(name, query) -%}
    {%- do mallard._run('create or replace temp view ' ~ name ~ ' as ' ~ query) -%}
{%- endmacro %}
