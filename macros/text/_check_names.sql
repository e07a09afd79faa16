{# Stop unless a relation, and columns by the argument that names them, are what a macro needs. #}
{% macro _check_names(relation, columns, argument='relation') -%}
    {%- if relation is undefined or relation is not string and relation.identifier is undefined -%}
        {%- do mallard._refuse(argument, relation or none, "give ref('orders'), a source, or a query in brackets") -%}
    {%- endif -%}
    {%- for argument, column in columns.items() -%}
        {%- if column is not string or not column | trim -%}
            {%- do mallard._refuse(argument, column or none, 'give the name of a column') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set known = mallard._known_columns(relation) -%}
    {%- for argument, column in columns.items() if known is not none and column | lower not in known | map('lower') | list -%}
        {%- set name = 'the query' if relation is string else relation.identifier -%}
        {%- do mallard._refuse(argument, column, name ~ ' has no such column; name one of ' ~ known | join(', ')) -%}
    {%- endfor -%}
{%- endmacro %}
