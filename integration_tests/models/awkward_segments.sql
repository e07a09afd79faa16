-- Names and values that SQL could take for something else; settings beside a key of one's own. Spark's names of tables are plain words.
{{
    config(
        materialized='segmentation',
        alias='Segmente 2026; drop table songs' if target.type == 'duckdb' else none,
        meta={
            'owner': 'somebody',
            'mallard': {
                'id': 'Kunden "Nr"',
                'features': ['select', 'Größe in m; --', "it's"],
                'feature_words': {'select': "the customers' choice"},
                'min_clusters': 2,
                'max_clusters': 4,
                'selection': 'silhouette',
            },
        },
    )
}}

{% set query %}
select
    song as "Kunden ""Nr""",
    loudness as "select",
    tempo as "Größe in m; --",
    case when brightness > 0 then 'x''; drop table songs; --' else '{{ "{{ 1 }}" }}' end as "it's"
from {{ ref('songs') }}
{% endset %}
{{ mallard._sql(query) }}
