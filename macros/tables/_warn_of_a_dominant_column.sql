{# One line if a column carries most of what separates the segments: they are then hardly more than ranges of that column. Of two columns,
   one always carries half or more, so the bound is higher. #}
{% macro _warn_of_a_dominant_column(customers, plan) -%}
    {%- set bound = 0.75 if plan.columns | length == 2 else 0.6 -%}
    {%- set columns = {} -%}
    {%- for feature in plan.features -%} {%- do columns.update({feature.name: feature.column}) -%} {%- endfor -%}
    {%- set shares = {} -%}
    {%- set features = mallard._of_last_version(mallard._own_table_beside(customers, 'features')) -%}
    {%- set query = 'select feature as "feature", share_between as "share" from ' ~ features ~ ' where share_between is not null' -%}
    {%- for row in mallard._query(query) -%}
        {%- set column = columns[row['feature']] -%}
        {%- do shares.update({column: shares.get(column, 0) + row['share'] | float}) -%}
    {%- endfor -%}
    {%- for column, share in shares.items() if share > bound and plan.columns | length > 1 -%}
        {%- do exceptions.warn(
            'mallard: ' ~ model.name ~ ': ' ~ mallard._shortened(column) ~ ' carries ' ~ (100 * share) | round | int
            ~ ' % of what separates the segments, so they say little about the other columns: give it a smaller weight or another scale in '
            ~ 'features, or leave it out.'
        ) -%}
    {%- endfor -%}
{%- endmacro %}
