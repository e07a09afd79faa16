{# The plan, with the scale that each feature had in the version before, so that none flips on the border between two. #}
{% macro _with_earlier_scales(plan, stored) -%}
    {%- set scales, features = {}, [] -%}
    {%- for of in (stored.statistics.features if stored else []) -%} {%- do scales.update({of.name: of.scale}) -%} {%- endfor -%}
    {%- for feature in plan.features -%} {%- do features.append(dict(feature, earlier=scales.get(feature.name))) -%} {%- endfor -%}
    {{ return(dict(plan, features=features)) }}
{%- endmacro %}
