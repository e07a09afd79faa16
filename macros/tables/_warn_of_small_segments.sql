{# One line for each segment that has less than the settings ask for: a version that only scores can't change that. `customers` are where
   the tables of this build are. #}
{% macro _warn_of_small_segments(customers, centroids, settings) -%}
    {%- set profiles = mallard._of_last_version(mallard._own_table_beside(customers, 'profiles')) -%}
    {%- set columns = {'min_share': 'share', 'min_value_share': 'share_of_value'} -%}
    {%- for setting, column in columns.items() if settings[setting] is not none -%}
        {%- set shares = {} -%}
        {%- set query = 'select distinct segment_id as "segment_id", ' ~ column ~ ' as "share" from ' ~ profiles -%}
        {%- for row in mallard._query(query) -%} {%- do shares.update({row['segment_id'] | int: row['share']}) -%} {%- endfor -%}
        {%- for segment in centroids.segments -%}
            {%- set share = shares.get(segment.segment_id | int, 0) -%}
            {%- if share is not none and share | float < settings[setting] -%}
                {%- do exceptions.warn(
                    'mallard: ' ~ model.name ~ ': segment ' ~ segment.segment_id ~ ' has come to have less than the ' ~ setting ~ ' of '
                    ~ settings[setting] ~ ': dbt build --full-refresh finds segments anew.'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
