{# What the next step has to know of the old segments: their names, the first id that none ever had, and the features by which their
   centroids are compared with the new ones where that is all there is. #}
{% macro _old_segments(stored, old_centroids, in_both) -%}
    {%- set names = {} -%}
    {%- for segment in old_centroids.segments -%} {%- do names.update({segment.segment_id: segment.segment_name}) -%} {%- endfor -%}
    {{ return({
        'old_names': names,
        'next_id': stored.highest_segment_id + 1,
        'features': in_both | map(attribute='name') | list,
    }) }}
{%- endmacro %}

{# The new segments under the ids and names that they keep or get, in place of those in the order of their centroids. #}
{% macro _give_kept_ids(has_rules) -%}
    {%- set query -%}
        with ids as (select map(list(rule_id), list(segment_id)) as kept from mallard__ids),
        chosen as (select any_value(n_clusters) as k from mallard__partitions where is_selected)
        select
            partitions.* replace (
                case when partitions.is_selected then kept[partitions.segment_id] else partitions.segment_id end as segment_id,
                case when partitions.is_selected then coalesce(mallard__ids.segment_name, partitions.segment_name) else partitions.segment_name end as segment_name,
                case when partitions.is_selected
                    then [struct_update(border, other_segment_id := kept[border.other_segment_id]) for border in partitions.borders]
                    else partitions.borders
                end as borders,
                case when partitions.n_clusters = chosen.k + 1
                    then [struct_update(parent, parent_id := kept[parent.parent_id]) for parent in partitions.parents]
                    else partitions.parents
                end as parents
            )
        from mallard__partitions as partitions
        cross join ids
        cross join chosen
        left join mallard__ids on partitions.is_selected and partitions.segment_id = mallard__ids.rule_id
    {%- endset -%}
    {%- do mallard._keep('mallard__partitions', query) -%}
    {%- do mallard._keep('mallard__segments', 'select * from mallard__partitions where is_selected') -%}
    {%- do mallard._give_rules_kept_ids() if has_rules -%}
{%- endmacro %}

{# The rules for these segments, in the order of their ids again; the rule 0 is for no segment. #}
{% macro _give_rules_kept_ids() -%}
    {%- set query -%}
        select
            rules.* replace (
                cast(
                    case when rules.rule = 0 then 0
                        else row_number() over (partition by rules.rule = 0 order by mallard__ids.segment_id asc, rules.rule asc)
                    end as integer
                ) as rule,
                mallard__ids.segment_id as segment_id
            )
        from mallard__rules as rules
        left join mallard__ids on rules.segment_id = mallard__ids.rule_id
    {%- endset -%}
    {%- do mallard._keep('mallard__rules', query) -%}
{%- endmacro %}
