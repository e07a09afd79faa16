{# The name for two scores, of the map with ten names for five by five scores that goes back to https://www.putler.com/rfm-analysis/. #}
{% macro _rfm_segment(r_score, f_score) -%}
    case {{ r_score }}
        {%- for score, names in mallard._rfm_map().items() %}
        when {{ score }} then [{% for name in names %}{{ mallard._literal(name) }}{{ ', ' if not loop.last }}{% endfor %}][{{ f_score }}]
        {%- endfor %}
    end
{%- endmacro %}

{# By the score of recency, the names for the scores of frequency from 1 to 5. #}
{% macro _rfm_map() -%}
    {{ return({
        5: ['New customers', 'Potential loyalists', 'Potential loyalists', 'Champions', 'Champions'],
        4: ['Promising', 'Potential loyalists', 'Potential loyalists', 'Loyal customers', 'Loyal customers'],
        3: ['About to sleep', 'About to sleep', 'Need attention', 'Loyal customers', 'Loyal customers'],
        2: ['Hibernating', 'Hibernating', 'At risk', 'At risk', "Can't lose them"],
        1: ['Hibernating', 'Hibernating', 'At risk', 'At risk', "Can't lose them"],
    }) }}
{%- endmacro %}
