{% macro stored_version(segmentation, version=none) -%}
    {{ return(adapter.dispatch('stored_version', 'mallard')(segmentation, version)) }}
{%- endmacro %}

{# Plain values, so that unit tests can override them. Numbers are texts that keep every digit. #}
{% macro default__stored_version(segmentation, version) -%}
    {%- if not execute or not mallard._has_versions(segmentation) -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set has_groups = mallard._has_groups(mallard.versions(segmentation)) -%}
    {%- if version is not none and not (version | string).isdigit() and not (has_groups and version is mapping) -%}
        {%- set given = mallard._shortened(tojson(version)) -%}
        {%- do mallard._stop('version is ' ~ given ~ ': give the number of a version of ' ~ segmentation ~ '.') -%}
    {%- endif -%}
    {%- set condition = 'version = ' ~ version if version is not none and not has_groups else 'true' -%}
    {%- set found = mallard._load_versions(segmentation, condition, has_groups) -%}
    {%- if not found -%}
        {%- do mallard._stop_without_version(segmentation, version) if not flags.EMPTY -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(mallard._stored_by_group(segmentation, found, version) if has_groups else mallard._stored(segmentation, found)[none]) }}
{%- endmacro %}

{# Whether a segmentation has been built. What can't be one is refused. #}
{% macro _has_versions(segmentation) -%}
    {%- if segmentation is string or segmentation is none or segmentation is undefined -%}
        {%- do mallard._stop(
            'the segmentation is ' ~ mallard._shortened(tojson(segmentation)) ~ ": give it as ref('...'), source('...', '...') or "
            ~ 'api.Relation.create(...).'
        ) -%}
    {%- elif segmentation.is_cte or not segmentation.identifier -%}
        {%- do mallard._stop(
            segmentation ~ ' is a fixture of a unit test: override the macro mallard.stored_version in it; '
            ~ 'dbt run-operation stored_version_as_yaml prints what with.'
        ) -%}
    {%- endif -%}
    {%- if not mallard._is_built(mallard._with_all_rows(segmentation), 'the segments to score by') -%}
        {{ return(false) }}
    {%- elif not load_relation(mallard.versions(segmentation)) -%}
        {%- do mallard._stop(
            segmentation ~ " isn't a segmentation, because there is no table " ~ segmentation.identifier ~ '__versions beside it: '
            ~ "name a model that is materialized='segmentation', or what mallard fit wrote."
        ) -%}
    {%- endif -%}
    {{ return(true) }}
{%- endmacro %}

{% macro _stop_without_version(segmentation, version) -%}
    {%- set known = mallard._query('select version from ' ~ mallard.versions(segmentation) ~ ' order by 1 asc').columns[0].values() -%}
    {%- if not known -%}
        {%- do mallard._stop(segmentation ~ ' has no version yet, because it was built without rows: build it without --empty.') -%}
    {%- endif -%}
    {%- do mallard._stop(
        segmentation ~ ' has no version ' ~ mallard._shortened(version) ~ ': choose from ' ~ known | join(', ') ~ ', or leave it out for the current one.'
    ) -%}
{%- endmacro %}
