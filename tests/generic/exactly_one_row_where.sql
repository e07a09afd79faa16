{# Checks that exactly one row meets the condition, or one of each group, if there is a column `group`. Fails with one row, the number of rows
   that meet it; with one for each such group. #}
{% test exactly_one_row_where(model, condition) %}

{% set group = mallard._group_in(model) %}

select
    {{ group ~ ',' if group }}
    count(*) filter (where {{ condition }}) as n_rows
from {{ model }}
{{ 'group by ' ~ group if group }}
having count(*) filter (where {{ condition }}) != 1{{ " and false" if flags.EMPTY }}

{% endtest %}
