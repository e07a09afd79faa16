{# What is segmented by itself: all customers; or, with the setting `group_by`, those of each group. A part has
     segmentation   where its tables are: for a group, temporary ones, with its rows of the build before and without the column `group`
     place          where its customers are written
     built          its customers of the build before; none without
     history        where its earlier versions are; none without
     group          the name of the group; none of all customers

   The groups that mallard__groups lists, by the part that all customers are. The customers of the select are sorted by them. #}
{% macro _groups(whole, meta) -%}
    {%- if flags.EMPTY -%}
        {{ return([]) }}
    {%- endif -%}
    {%- do mallard._keep_everybody(meta) -%}
    {%- set with_versions = mallard._groups_with_versions(whole.history) if whole.history else [] -%}
    {%- set groups = [] -%}
    {%- set query -%}
        select any_value(name) as "name", any_value(n_rows) as "n_rows" from mallard__groups group by number order by number asc
    {%- endset -%}
    {%- set rows = mallard._query(query) -%}
    {%- for row in rows -%}
        {%- set of_group = mallard._place_of_group(whole) -%}
        {%- set has_versions = row['name'] in with_versions -%}
        {%- do groups.append(dict(
            whole,
            group=row['name'],
            number=loop.index,
            n_groups=rows | length,
            n_rows=row['n_rows'] | int,
            segmentation=of_group,
            place=of_group,
            built=mallard._own_table_beside(of_group, 'before') if whole.built and has_versions else none,
            history=of_group if has_versions else none
        )) -%}
    {%- endfor -%}
    {{ return(groups) }}
{%- endmacro %}

{# The customers of all groups, in mallard__everybody, with the number of their group; null without a value. Sorted, so that those of a
   group are found without reading the others. #}
{% macro _keep_everybody(meta) -%}
    {%- set value = mallard._exact_text('customers.' ~ mallard._quoted(meta.group_by)) -%}
    {%- set query -%}
        select
            customers.*,
            mallard__groups.number as mallard__group
        from mallard__customers as customers
        left join mallard__groups on {{ value }} = mallard__groups.value collate posix
        order by mallard__group asc
    {%- endset -%}
    {%- do mallard._keep('mallard__everybody', query) -%}
{%- endmacro %}

{% macro _groups_with_versions(history) -%}
    {%- set versions = mallard._own_table_beside(history, 'versions') -%}
    {{ return(mallard._query('select distinct "group" from ' ~ versions).columns[0].values() | list) }}
{%- endmacro %}

{# Where the tables of a group are while it is the one that is segmented. #}
{% macro _place_of_group(whole) -%}
    {{ return(api.Relation.create(database='temp', schema='main', identifier=whole.segmentation.identifier, type='table')) }}
{%- endmacro %}
