{# No model, seed or snapshot has the name of a table beside a segmentation. #}
{% macro _check_names_are_free(segmentation) -%}
    {%- for name, table in mallard._tables_of(segmentation).items() if name != 'customers' -%}
        {%- for node in graph.nodes.values() if node.resource_type in ['model', 'seed', 'snapshot'] -%}
            {%- if (node.database, node.schema, node.alias) == (table.database, table.schema, table.identifier) -%}
                {%- do exceptions.raise_compiler_error(
                    'mallard: ' ~ node.resource_type ~ ' ' ~ node.name ~ ' is called ' ~ table.identifier
                    ~ ', which is the name of the table of ' ~ name ~ ' beside ' ~ segmentation.identifier ~ ': give it another name.'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
