{# Checks that the rules of a segmentation with the setting `rules` are for the segment of at least the share `minimum` of the customers
   with one, at its last build. Groups are checked each for itself. Fails with one row if they aren't, or one of each such group. #}
{% test rules_agree(model, minimum=0.9) %}

{% if model is string %}
    {% do exceptions.raise_compiler_error("mallard: rules_agree doesn't support where: it checks the table of rules, not the customers. Remove it.") %}
{% elif minimum is not number or minimum is boolean or not 0 <= minimum <= 1 %}
    {% do exceptions.raise_compiler_error('mallard: rules_agree: minimum is ' ~ mallard._shortened(tojson(minimum)) ~ ': set it to a number from 0 to 1.') %}
{% endif %}

{% if mallard._has_rules(model) -%}
select distinct{{ ' ' ~ mallard._sql('"group"') ~ ',' if mallard._has_groups(mallard.builds(model)) }} agreement from {{ mallard.rules(model) }} as rules
where agreement < {{ minimum }} and {{ mallard._is_of_last_build(model) }}
{%- else -%}
select cast(null as double) as agreement where false
{%- endif %}

{% endtest %}
