{% macro checked_features(features, model_name, id_column) -%}
    {{ return(adapter.dispatch('checked_features', 'mallard')(features, model_name, id_column)) }}
{%- endmacro %}

{% macro default__checked_features(features, model_name, id_column) -%}
    {%- do mallard._check_columns(features) -%}
    {#- In unit tests dbt gives no graph. -#}
    {%- if graph.nodes -%}
        {%- set node = graph.nodes['model.' ~ model.package_name ~ '.' ~ model_name] -%}
        {%- set numeric = [] -%}
        {%- for column in node.columns.values() if column.name != id_column and mallard._is_numeric(column.data_type) -%}
            {%- do numeric.append(column.name) -%}
        {%- endfor -%}
        {%- set remedy = 'choose from ' ~ numeric | join(', ') -%}
        {%- for feature in features -%}
            {%- if features.count(feature) > 1 -%}
                {%- do mallard._refuse('features', features, "'" ~ feature ~ "' is there twice; name it once") -%}
            {%- elif feature == id_column -%}
                {%- do mallard._refuse('features', features, "'" ~ feature ~ "' identifies a customer and says nothing of likeness; " ~ remedy) -%}
            {%- elif feature not in node.columns -%}
                {%- do mallard._refuse('features', features, model_name ~ " has no column '" ~ feature ~ "'; " ~ remedy) -%}
            {%- elif feature not in numeric -%}
                {%- do mallard._refuse('features', features, "'" ~ feature ~ "' isn't numeric but " ~ node.columns[feature].data_type ~ '; ' ~ remedy) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(features) }}
{%- endmacro %}

{% macro _is_numeric(data_type) -%}
    {%- set kind = (data_type | upper).split('(')[0] | trim -%}
    {{ return(kind in ['FLOAT', 'DOUBLE', 'DECIMAL'] or kind.removeprefix('U') in ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT']) }}
{%- endmacro %}
