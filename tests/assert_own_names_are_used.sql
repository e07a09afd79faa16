-- Every rule name in segment_names belongs to a segment. Warns with one row per name that doesn't: it is misspelt, or the segment is gone.
{{ config(severity='warn', enabled=project_name == 'mallard', group='mall') }}

select own_names.rule_name
from {{ ref('segment_names') }} as own_names
left join {{ ref('int_mall__segments') }} as segments on hex(own_names.rule_name) = hex(segments.rule_name)
where segments.rule_name is null
