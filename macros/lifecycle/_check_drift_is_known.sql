{# Stop over what the table of drift doesn't have: a test on it would pass whatever happens. #}
{% macro _check_drift_is_known(against, measures, except) -%}
    {%- set known = ['means', 'spread', 'shares', 'feature mean', 'psi', 'share', 'mean', 'mean distance', 'far'] -%}
    {%- if against not in ['fit', 'build before'] -%}
        {%- do mallard._refuse('against', against, 'choose fit or build before') -%}
    {%- endif -%}
    {%- for setting, names in {'measures': measures, 'except': except}.items() if names is not none -%}
        {%- set is_list = names is iterable and names is not string and names is not mapping -%}
        {%- if not is_list or names | reject('in', known) | list or (setting == 'measures' and not names) -%}
            {%- do mallard._refuse(setting, names, 'give a list of ' ~ known | join(', ')) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
