{# The relation that `init` names, as dbt resolves it, if the segmentation depends on it: a model, seed, snapshot or source. #}
{% macro _starts(meta) -%}
    {%- for id in model.depends_on.nodes if meta is mapping -%}
        {%- set node = graph.nodes.get(id) or graph.sources.get(id) -%}
        {%- if node and node.name == meta.init -%}
            {%- if node.resource_type == 'source' -%}
                {{ return(source(node.source_name, node.name)) }}
            {%- elif node.config.materialized == 'ephemeral' -%}
                {%- do mallard._refuse('init', meta.init, 'it is ephemeral, so there is no table to read; make it a view or a table') -%}
            {%- endif -%}
            {{ return(ref(node.package_name, node.name, v=node.get('version'))) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{# The given centroids, scaled as customers are. #}
{% macro _scaled_starts(starts, statistics, plan) -%}
    {%- set features = mallard.scaled_features(statistics, 'mallard__scaled_', with_weight=false) -%}
    {%- set scaled = 'select segment_id, ' ~ features ~ ' from ' ~ starts -%}
    {{ mallard.directions('(' ~ scaled ~ ')', statistics, 'mallard__scaled_') if mallard._metric(plan.metric).spherical else scaled }}
{%- endmacro %}
