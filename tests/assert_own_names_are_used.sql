-- A name of one's own is for a segment that exists; a rule name that is misspelt or gone is worth a word, not a failed build.
{{ config(severity='warn', enabled=project_name == 'mallard', group='mall') }}

select own_names.rule_name
from {{ ref('segment_names') }} as own_names
left join {{ ref('int_mall__segments') }} as segments on own_names.rule_name = segments.rule_name
where segments.rule_name is null
