{# What a build does before it writes anything. #}
{% macro _begin(segmentation) -%}
    {{ return(adapter.dispatch('_begin', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default___begin(segmentation) -%}
    {%- do adapter.ensure_transaction() -%}
{%- endmacro %}

{# What a build that failed or was killed left: small tables in this process, and tables of its run, or of the run before it if it was
   killed while it put its own in place. #}
{% macro spark___begin(segmentation) -%}
    {%- do adapter.mallard_forget(mallard._scratch()) -%}
    {%- set current = mallard._current_run(segmentation) -%}
    {%- set left_over = mallard._tables_of_runs(segmentation, but=current) -%}
    {%- if left_over and current -%}
        {%- do mallard._show_run(segmentation, current) -%}
    {%- endif -%}
    {%- for table in left_over -%} {%- do adapter.drop_relation(table) -%} {%- endfor -%}
{%- endmacro %}

{# The customers of the select, stored so that every pass sees the same rows. The select is the target's SQL. #}
{% macro _keep_customers(place, compiled_code) -%}
    {{ return(adapter.dispatch('_keep_customers', 'mallard')(place, compiled_code)) }}
{%- endmacro %}

{% macro default___keep_customers(place, compiled_code) -%}
    {%- do run_query((config.get('sql_header') or '') ~ ' create or replace temp table mallard__customers as (' ~ compiled_code ~ '\n)') -%}
{%- endmacro %}

{% macro spark___keep_customers(place, compiled_code) -%}
    {%- set table = mallard._named_like(place, place.identifier ~ '__select', 'table') -%}
    {%- do run_query(config.get('sql_header')) if config.get('sql_header') -%}
    {%- do run_query('create table ' ~ table ~ ' ' ~ file_format_clause() ~ ' as ' ~ compiled_code) -%}
    {%- do mallard._show('mallard__customers', 'select * from ' ~ table) -%}
{%- endmacro %}

{# A table that is in the way of the customers. #}
{% macro _make_way_for(place, existing) -%}
    {{ return(adapter.dispatch('_make_way_for', 'mallard')(place, existing)) }}
{%- endmacro %}

{% macro default___make_way_for(place, existing) -%}
    {{ drop_relation_if_exists(existing) }}
{%- endmacro %}

{% macro spark___make_way_for(place, existing) -%}
{%- endmacro %}
