{# One line where a build doesn't fit. #}
{% macro _log_scoring(stored) -%}
    {%- do log(
        'mallard: ' ~ model.name ~ ': nothing to fit: version ' ~ stored.number ~ ', fitted on ' ~ stored.fitted_at ~ ' UTC, gives the segments',
        info=true
    ) -%}
{%- endmacro %}
