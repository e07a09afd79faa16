{# The version that the last build replaced; none if it fitted nothing, or none was there before. #}
{% macro _version_before(segmentation) -%}
    {%- if not execute or not load_relation(mallard.builds(segmentation)) -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set query = 'select version from ' ~ mallard.builds(segmentation) ~ ' qualify is_fit and build = max(build) over ()' -%}
    {%- for row in mallard._query(query) if row[0] > 1 -%}
        {{ return(mallard._load_version(segmentation, row[0] - 1)) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}
