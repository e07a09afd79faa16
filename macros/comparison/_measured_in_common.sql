{# What scales customers of both for the silhouettes, with the features in common: the first segmentation, or the one of the two that has no
   groups, or, if both have, the first by each group of the same name. #}
{% macro _measured_parts(first, second, one, other) -%}
    {%- set measured = [] -%}
    {%- if one.groups and other.groups -%}
        {%- for part in mallard._stored_parts(first, one) if part.group in other.groups -%}
            {%- set features = mallard._common_features(part.stored, [other.groups[part.group]]) -%}
            {%- do measured.append(dict(part, features=features)) if features -%}
        {%- endfor -%}
        {{ return(measured) }}
    {%- endif -%}
    {%- set part = mallard._stored_parts(second, other)[0] if one.groups else mallard._stored_parts(first, one)[0] -%}
    {%- set others = mallard._versions_of_last_build(first, one) if one.groups else mallard._versions_of_last_build(second, other) -%}
    {{ return([dict(part, features=mallard._common_features(part.stored, others))]) }}
{%- endmacro %}

{# The stored versions of the groups that are still there; without groups, the one. #}
{% macro _versions_of_last_build(segmentation, stored) -%}
    {%- if not stored.groups -%}
        {{ return([stored]) }}
    {%- endif -%}
    {%- set versions = [] -%}
    {%- set query -%}
        select {{ mallard._digits_of('group_name') }} as "group_name"
        from ({{ mallard._groups_of_last_build(mallard.builds(segmentation)) }})
    {%- endset -%}
    {%- for row in mallard._query(query) if mallard._digits(row['group_name']) in stored.groups -%}
        {%- do versions.append(stored.groups[mallard._digits(row['group_name'])]) -%}
    {%- endfor -%}
    {{ return(versions) }}
{%- endmacro %}

{# The features of one stored version that all others have, too. #}
{% macro _common_features(one, others) -%}
    {%- set common = one.features | list -%}
    {%- for other in others -%}
        {%- set known = [] -%}
        {%- for of in other.features -%} {%- do known.append((of.name, of.size)) -%} {%- endfor -%}
        {%- for of in common | list if (of.name, of.size) not in known -%} {%- do common.remove(of) -%} {%- endfor -%}
    {%- endfor -%}
    {{ return(common) }}
{%- endmacro %}

{# Customers of both with their scaled features, and whether they are drawn for the silhouettes of the first and of the second: by their
   ids, so many of each group. A feature that a group has not in common is 0 for all of it. #}
{% macro _measured_in_common(measured, features, customer_id, most_customers, one, other) -%}
    {%- set id = mallard._exact_text(mallard._quoted(customer_id)) -%}
    {%- set scaled, order = [], 'order by md5(mallard__exact_id) asc' -%}
    {%- for of in measured -%}
        {%- set known, columns = [], [id ~ ' as mallard__exact_id'] -%}
        {%- for feature in of.features -%} {%- do known.append('mallard__scaled_' ~ feature.name) -%} {%- endfor -%}
        {%- for feature, size in features.items() -%}
            {%- set nothing = mallard._double([0] * size, 'double[' ~ size ~ ']') if size else '0.0' -%}
            {%- set column = mallard._quoted(feature) -%}
            {%- do columns.append(column if feature in known else nothing ~ ' as ' ~ column) -%}
        {%- endfor -%}
        {%- do columns.append(mallard._exact_text(mallard._literal(of.group or '')) ~ ' as measured_group') -%}
        {%- set customers = mallard._scaled_by(of.customers, dict(of.stored, features=of.features, metric='euclidean')) -%}
        {%- do scaled.append('select ' ~ columns | join(', ') ~ ' from (' ~ customers ~ ')') -%}
    {%- endfor -%}
    select *
    from (
        select
            first_group,
            first_segment_id,
            second_group,
            second_segment_id,
            {%- for feature in features %}
            {{ mallard._quoted(feature) }},
            {%- endfor %}
            {#- Places take a sort of all, which a limit does without. -#}
            {%- if one.groups or other.groups %}
            row_number() over (partition by first_group {{ order }}) <= {{ most_customers }} as is_drawn_for_first,
            row_number() over (partition by second_group {{ order }}) <= {{ most_customers }} as is_drawn_for_second
            {%- else %}
            true as is_drawn_for_first,
            true as is_drawn_for_second
            {%- endif %}
        from mallard__moves
        inner join ({{ scaled | join(' union all ') }}) using (mallard__exact_id)
        {{ 'where first_group = measured_group and second_group = measured_group' if one.groups and other.groups }}
        {{ order ~ ' limit ' ~ most_customers if not one.groups and not other.groups }}
    )
    where is_drawn_for_first or is_drawn_for_second
{%- endmacro %}
