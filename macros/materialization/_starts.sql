{# The model, seed or snapshot that `init` names, if the segmentation depends on it. #}
{% macro _starts(meta) -%}
    {%- for id in model.depends_on.nodes if meta -%}
        {%- set node = graph.nodes.get(id) -%}
        {%- if node and node.name == meta.init and node.config.materialized == 'ephemeral' -%}
            {%- do mallard._refuse('init', meta.init, 'it is ephemeral, so there is no table to read; make it a view or a table') -%}
        {%- elif node and node.name == meta.init -%}
            {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{# The given centroids, scaled as customers are. #}
{% macro _scaled_starts(starts, statistics, plan) -%}
    {%- set unweighted = dict(statistics, weight=none) -%}
    {%- set scaled = 'select segment_id, ' ~ mallard.scaled_features(unweighted, 'mallard__scaled_') ~ ' from ' ~ starts -%}
    {{ mallard.directions('(' ~ scaled ~ ')', statistics, 'mallard__scaled_') if mallard._metric(plan.metric).spherical else scaled }}
{%- endmacro %}
