{% macro _sql(text) -%} {{ return(adapter.dispatch('_sql', 'mallard')(text)) }} {%- endmacro %}
{% macro default___sql(text) -%} {{ return(text) }} {%- endmacro %}
{% macro spark___sql(text) -%} {{ return(adapter.mallard_sql(text)) }} {%- endmacro %}
