{% macro features(columns, scale='auto', weight_column=none) -%}
    {{ return(adapter.dispatch('features', 'mallard')(columns, scale, weight_column)) }}
{%- endmacro %}

{% macro default__features(columns, scale, weight_column) -%}
    {%- do mallard._check_columns(columns) -%}
    {%- set features = [] -%}
    {%- for column in columns -%}
        {%- do features.append({
            'name': column,
            'expression': mallard._quoted(column),
            'scale': scale,
            'weight': 1,
            'fill': 'none',
            'column': column
        }) -%}
    {%- endfor -%}
    {%- set weight = 'cast(' ~ mallard._quoted(weight_column) ~ ' as double)' if weight_column else none -%}
    {{ return({'features': features, 'weight': weight}) }}
{%- endmacro %}

{% macro _check_columns(columns) -%}
    {%- if columns is string or columns is mapping or columns is not sequence or columns | length == 0 -%}
        {%- do mallard._refuse('features', columns, 'give one or more columns as a list') -%}
    {%- endif -%}
{%- endmacro %}
