{# What is segmented by itself is a part: all customers; or, with the setting `group_by`, those of each group. A part has
     segmentation   where its tables beside are; of a group, what there is of the build before, without the column `group`
     place          where its customers are written, and on Spark the tables beside, too
     built          its customers of the build before; none without
     history        where its earlier versions are; none without
     group          the name of the group; none of all customers

   The groups that mallard__groups lists, as parts of the whole; none after dbt build --empty. #}
{% macro _groups(whole, meta) -%}
    {%- if flags.EMPTY -%}
        {{ return([]) }}
    {%- endif -%}
    {%- do mallard._keep_everybody(whole, meta) -%}
    {%- set with_versions = mallard._groups_with_versions(whole.history) if whole.history else [] -%}
    {%- set of_group = mallard._places_of_group(whole) -%}
    {%- set groups = [] -%}
    {%- set query -%}
        select any_value(name) as "name", any_value(n_rows) as "n_rows" from mallard__groups group by number order by number asc
    {%- endset -%}
    {%- set rows = mallard._query(query) -%}
    {%- for row in rows -%}
        {%- set has_versions = row['name'] in with_versions -%}
        {%- do groups.append(dict(
            whole,
            group=row['name'],
            number=loop.index,
            n_groups=rows | length,
            n_rows=row['n_rows'] | int,
            segmentation=of_group.segmentation,
            place=of_group.place,
            built=mallard._own_table_beside(of_group.segmentation, 'before') if whole.built and has_versions else none,
            history=of_group.segmentation if has_versions else none
        )) -%}
    {%- endfor -%}
    {{ return(groups) }}
{%- endmacro %}

{% macro _groups_with_versions(history) -%}
    {%- set versions = mallard._own_table_beside(history, 'versions') -%}
    {{ return(mallard._query('select distinct "group" as "group" from ' ~ versions).columns[0].values() | list) }}
{%- endmacro %}

{# The customers of all groups, in mallard__everybody, with the number of their group; null without a value. #}
{% macro _keep_everybody(whole, meta) -%}
    {{ return(adapter.dispatch('_keep_everybody', 'mallard')(whole, meta)) }}
{%- endmacro %}

{# Sorted, so that those of a group are found without reading the others. #}
{% macro default___keep_everybody(whole, meta) -%}
    {%- set query = mallard._with_numbers_of_groups('mallard__customers', meta) ~ ' order by mallard__group asc' -%}
    {%- do mallard._keep('mallard__everybody', query) -%}
{%- endmacro %}

{% macro spark___keep_everybody(whole, meta) -%}
    {%- set customers = mallard._named_like(whole.place, whole.place.identifier ~ '__select', 'table') -%}
    {%- do mallard._show('mallard__everybody', mallard._with_numbers_of_groups(customers, meta)) -%}
{%- endmacro %}

{% macro _with_numbers_of_groups(customers, meta) -%}
    select
        customers.*,
        mallard__groups.number as mallard__group
    from {{ customers }} as customers
    left join mallard__groups on {{ mallard._exact_text('customers.' ~ mallard._quoted(meta.group_by | string)) }} = mallard__groups.value
{%- endmacro %}

{# Where a group is while it is segmented. #}
{% macro _places_of_group(whole) -%}
    {{ return(adapter.dispatch('_places_of_group', 'mallard')(whole)) }}
{%- endmacro %}

{% macro default___places_of_group(whole) -%}
    {%- set temporary = api.Relation.create(database='temp', schema='main', identifier=whole.segmentation.identifier, type='table') -%}
    {{ return({'segmentation': temporary, 'place': temporary}) }}
{%- endmacro %}

{% macro spark___places_of_group(whole) -%}
    {{ return({
        'segmentation': mallard._named_like(whole.segmentation, 'mallard__' ~ whole.segmentation.identifier ~ '__before', 'view'),
        'place': mallard._named_like(whole.place, whole.place.identifier ~ '__group', 'table'),
    }) }}
{%- endmacro %}
