{# Whether settings ask for rules: for themselves, or because rules give the segments. #}
{% macro _asks_for_rules(settings) -%}
    {{ return(settings is mapping and (mallard._are_given_by_rules(settings) or settings.get('rules'))) }}
{%- endmacro %}

{# Whether rules give the segments. #}
{% macro _are_given_by_rules(settings) -%}
    {{ return(settings is mapping and settings.get('assignment') == 'rules') }}
{%- endmacro %}

{# The centroids in mallard__segments, with the rules that give the segments: those of the version that is there, or, at a fit, those that
   it found. #}
{% macro _centroids_of_build(plan, version, stored) -%}
    {%- set centroids = mallard.load_centroids('mallard__segments') -%}
    {%- if not mallard._are_given_by_rules(plan.settings) -%}
        {{ return(centroids) }}
    {%- endif -%}
    {{ return(dict(centroids, rules=mallard._found_rules() if version.is_new else stored.rules)) }}
{%- endmacro %}

{# What scoring by rules needs of them, which a version keeps. The first one has no segment, if rows that lack a value have none. #}
{% macro _scoring_by_rules(rules) -%}
    {%- set kept = [] -%}
    {%- for rule in rules -%} {%- do kept.append({'segment_id': rule.segment_id, 'sql': rule.sql}) -%} {%- endfor -%}
    {{ return(kept) }}
{%- endmacro %}

{# The names that the segments get from the customers whom the rules put into them, in place of those from the nearest centroids. #}
{% macro _name_by_rules() -%}
    {%- set query -%}
        select
            partitions.* replace (
                case when partitions.is_selected then mallard__names_by_rules.segment_name else partitions.segment_name end as segment_name
            )
        from mallard__partitions as partitions
        left join mallard__names_by_rules
            on partitions.is_selected and partitions.segment_id = mallard__names_by_rules.segment_id
    {%- endset -%}
    {%- do mallard._keep('mallard__partitions', query) -%}
    {%- do mallard._keep('mallard__segments', 'select * from mallard__partitions where is_selected') -%}
{%- endmacro %}

{# Stop if rules give the segments of a version, and something takes the nearest centroid for what does. #}
{% macro _check_is_not_by_rules(segmentation, stored, what, remedy) -%}
    {%- if stored is not none and stored.rules -%}
        {%- do mallard._stop(
            'setting assignment of ' ~ segmentation.identifier ~ ' is "rules": ' ~ what ~ ' is about the nearest centroid, which does not '
            ~ 'give the segments; ' ~ remedy ~ '.'
        ) -%}
    {%- endif -%}
{%- endmacro %}
