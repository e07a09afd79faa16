{# The moment in UTC that a date, a timestamp, or a text of one is, whatever the TimeZone of the session. DuckDB knows the type when it
   plans the query, so only one branch is left; a cast alone would take a TIMESTAMPTZ to local time. #}
{% macro _moment(expression) -%}
    case
        when starts_with(typeof({{ expression }}), 'TIMESTAMP WITH TIME ZONE')
            then make_timestamp(epoch_us(cast({{ expression }} as timestamptz)))
        else cast({{ expression }} as timestamp)
    end
{%- endmacro %}
