{% macro checked_features(features, model_name, id_column) -%}
    {{ return(adapter.dispatch('checked_features', 'mallard')(features, model_name, id_column)) }}
{%- endmacro %}

{% macro default__checked_features(features, model_name, id_column) -%}
    {%- do mallard._check_columns(features) -%}
    {#- In unit tests dbt gives no graph. -#}
    {%- if graph.nodes -%}
        {%- set node = graph.nodes['model.' ~ model.package_name ~ '.' ~ model_name] -%}
        {%- set numeric = [] -%}
        {%- for column in node.columns.values() if column.name != id_column -%}
            {%- if api.Column.create(column.name, column.data_type).is_number() -%} {%- do numeric.append(column.name) -%} {%- endif -%}
        {%- endfor -%}
        {%- set remedy = 'choose from ' ~ numeric | join(', ') -%}
        {%- for feature in features -%}
            {%- if features.count(feature) > 1 -%}
                {%- do mallard._refuse('features', features, "'" ~ feature ~ "' is listed twice; list it once") -%}
            {%- elif feature == id_column -%}
                {%- set why = "' identifies a customer and says nothing about likeness; " -%}
                {%- do mallard._refuse('features', features, "'" ~ feature ~ why ~ remedy) -%}
            {%- elif feature not in node.columns -%}
                {%- do mallard._refuse('features', features, model_name ~ " has no column '" ~ feature ~ "'; " ~ remedy) -%}
            {%- elif feature not in numeric -%}
                {%- set kind = node.columns[feature].data_type -%}
                {%- do mallard._refuse('features', features, "'" ~ feature ~ "' is not numeric but " ~ kind ~ '; ' ~ remedy) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(features) }}
{%- endmacro %}
