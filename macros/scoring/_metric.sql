{# What SQL needs to know of a distance measure: the distance between two customers from the square of their Euclidean distance, which
   stands as {}; and whether customers are directions, of length 1. The library has the same in kmeans/metric.py. #}
{% macro _metric(name) -%}
    {{ return({
        'euclidean': {'distance': 'sqrt({})', 'spherical': false},
        'cosine': {'distance': '{} / 2', 'spherical': true},
    }[name]) }}
{%- endmacro %}
