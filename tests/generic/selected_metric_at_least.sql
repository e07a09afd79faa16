{# For a segmentation: a metric of the number of segments chosen, such as its silhouette, exact or estimated, is nowhere below
   `minimum`, and it is defined. Fails with the row of the metrics. #}
{% test selected_metric_at_least(model, metric, minimum) %}

{% if model is string %}
    {% do exceptions.raise_compiler_error("mallard: selected_metric_at_least takes no where: it looks at the metrics, not at the customers.") %}
{% endif %}
{% set known = 'coalesce(silhouette, silhouette_estimate)' if metric == 'silhouette' else mallard._quoted(metric) %}

select * from {{ mallard.metrics(model) }}
where is_selected and ({{ known }} < {{ minimum }} or {{ known }} is null)

{% endtest %}
