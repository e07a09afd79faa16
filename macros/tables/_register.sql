{# The register of the tables that stand beside a segmentation, in the order in which they are made. Each has a file of its name with
     <name>(segmentation)    where it is, for other models; features_of for the features, because features are something else
     _<name>_table()         what a row is, and its columns, each with its type and its meaning
     _<name>_query(made)     its rows; `made` has the plan, customers, partitions, centroids and statistics of the segmentation, the `scaled`
                             customers, the `version`, the number of the `build`, and of the build before the customers (`before`) and the
                             version (`stored`); both are none at the first. If a version was fitted in its place, `old_centroids` are
                             its own, and `can_score` says whether it can score the customers of today
   Columns that are there only if a setting asks for them stand under `by_settings`, with the settings first.
   A table that is there only where settings ask for rules says so under `needs`.
   A table that a new fit alone changes says `made_by: fit`; one that keeps the rows of earlier `versions` or `builds` says so under `keeps`.
   One that has figures of customers lists these columns under `figures`, by what hides them where they are of few customers, and has a macro
   _few_in_<name>(rows, made, fewest) that says so, see _without_few.
   What it keeps exact for later builds, and what counts few customers all the same, is its `state`.
   Everything that handles these tables reads this list: names that are taken, comments, publishing, documentation. #}
{% macro _tables_beside() -%}
    {{ return([
        'metrics', 'profiles', 'centroids', 'features', 'attributes', 'borders', 'divisions', 'rules', 'versions', 'builds',
        'lineage', 'transitions', 'drift'
    ]) }}
{%- endmacro %}

{# Those that a segmentation with these settings has. #}
{% macro _tables_asked_for(meta) -%}
    {%- set names = [] -%}
    {%- for name in mallard._tables_beside() -%}
        {%- do names.append(name) if mallard._table(name).get('needs') != 'rules' or mallard._asks_for_rules(meta) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{# What a row of a table is, and its columns: of one beside a segmentation, or of what it adds to the `customers`. #}
{% macro _table(name) -%}
    {{ return(context['mallard']['_' ~ name ~ '_table']()) }}
{%- endmacro %}

{# The names of the columns that a segmentation adds to those of its select. #}
{% macro _added_columns() -%}
    {{ return(mallard._table('customers').columns | list) }}
{%- endmacro %}

{# All tables of a segmentation, by what they hold. #}
{% macro _tables_of(segmentation) -%}
    {%- set tables = {'customers': segmentation} -%}
    {%- for name in mallard._tables_beside() -%}
        {%- do tables.update({name: mallard._beside(segmentation, name)}) -%}
    {%- endfor -%}
    {{ return(tables) }}
{%- endmacro %}

{# The register as text, for the reference pages: dbt run-operation mallard._describe_tables. #}
{% macro _describe_tables() -%}
    {%- set tables = {} -%}
    {%- for name in ['customers'] + mallard._tables_beside() -%}
        {%- do tables.update({name: mallard._table(name)}) -%}
    {%- endfor -%}
    {{ print(tojson(tables)) }}
{%- endmacro %}
