{% macro parse_whole_number(column) -%}
    {{ return(mallard._sql(adapter.dispatch('parse_whole_number', 'mallard')(column))) }}
{%- endmacro %}

{% macro default__parse_whole_number(column) -%}
    case
        when regexp_full_match({{ column }}, '[+-]?[0-9]+([.]0*)?')
            then try_cast(regexp_replace({{ column }}, '[.]0*$', '') as bigint)
    end
{%- endmacro %}
