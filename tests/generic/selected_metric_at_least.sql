{# Checks, for a segmentation, that a metric of the chosen number of segments is defined and at least `minimum`. The metric silhouette is
   the exact one or the estimate. Groups are checked each for itself. Fails with one row, that of the metrics, or with that of each such
   group. #}
{% test selected_metric_at_least(model, metric, minimum) %}

{% if model is string %}
    {% do exceptions.raise_compiler_error("mallard: selected_metric_at_least doesn't support where: it checks the metrics, not the customers. Remove it.") %}
{% endif %}
{% set known = 'coalesce(silhouette, silhouette_estimate)' if metric == 'silhouette' else mallard._sql(mallard._quoted(metric)) %}

select * from {{ mallard.metrics(model) }}
where is_selected and ({{ known }} < {{ minimum }} or {{ known }} is null) and {{ mallard._is_of_last_build(model) }}

{% endtest %}
