{# What people call segments, by their ids, or by the groups and their ids: what the setting `names` says, or the table that it names. #}
{% macro _own_names(meta) -%}
    {%- set given = meta.get('names') if meta is mapping else none -%}
    {%- set names = {} -%}
    {%- if given is mapping -%}
        {%- for id, name in given.items() -%}
            {%- do names.update({id | string: name if name is mapping else name | string}) -%}
        {%- endfor -%}
        {%- if given | select('number') | list -%}
            {%- set remedy = "write the ids in names in quotes, as in {'1': ...}, because dbt's log can't take numbers" -%}
            {%- do mallard._say(remedy) -%}
        {%- endif -%}
    {%- elif given is string -%}
        {%- set relation = mallard._named_relation('names', meta) -%}
        {%- if not relation -%}
            {%- set call = "{{ ref('" ~ given ~ "') }}" -%}
            {%- do mallard._refuse('names', given, 'write -- depends_on: ' ~ call ~ ' above the select, so that dbt builds it first') -%}
        {%- endif -%}
        {%- set columns = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list -%}
        {%- if 'segment_id' not in columns or 'segment_name' not in columns -%}
            {%- do mallard._refuse('names', given, 'give it the columns segment_id and segment_name') -%}
        {%- endif -%}
        {%- set is_by_group = 'group' in columns and mallard._is_by_group(meta) -%}
        {%- set query -%}
            select segment_id, segment_name{{ ', "group"' if is_by_group }} from {{ relation }} where segment_name is not null order by all asc
        {%- endset -%}
        {%- for row in mallard._query(query) -%}
            {%- set of_group = names.setdefault(row[2] | string, {}) if is_by_group else names -%}
            {%- if row[0] | string in of_group -%}
                {%- do mallard._refuse('names', given, 'it has two names for segment ' ~ row[0] ~ '; leave one') -%}
            {%- endif -%}
            {%- do of_group.update({row[0] | string: row[1] | string}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if names.values() | select('mapping') | list and not mallard._is_by_group(meta) -%}
        {%- do mallard._refuse('names', given, 'it has names by group, and group_by is not set; give them by the ids of segments') -%}
    {%- endif -%}
    {{ return(names) }}
{%- endmacro %}

{# Those of one group, if they are given by group. Keys can be numbers in YAML. #}
{% macro _names_of_group(names, group) -%}
    {%- if not names.values() | select('mapping') | list -%}
        {{ return(names) }}
    {%- endif -%}
    {%- set of_group = {} -%}
    {%- for id, name in names.get(group, {}).items() -%} {%- do of_group.update({id | string: name | string}) -%} {%- endfor -%}
    {{ return(of_group) }}
{%- endmacro %}

{# One line if names are given for groups that there are not. #}
{% macro _log_names_of_no_group(names, groups) -%}
    {%- set unknown = [] -%}
    {%- for group, of_group in names.items() if of_group is mapping and group not in groups | map(attribute='group') -%}
        {%- do unknown.append(group) -%}
    {%- endfor -%}
    {%- do mallard._say('names has names for groups that there are not: ' ~ unknown | join(', ')) if unknown and groups -%}
{%- endmacro %}

{# Segments get these names. No two are called the same: one that only has a generated name gives way, and gets its number besides. #}
{% macro _give_own_names(centroids, names, group=none) -%}
    {%- set names = mallard._names_of_group(names, group) if group is not none else names -%}
    {%- set ids, taken = [], [] -%}
    {%- for segment in centroids.segments -%} {%- do ids.append(segment.segment_id | string) -%} {%- endfor -%}
    {%- for id, name in names.items() if id in ids -%}
        {%- if name | lower in taken -%}
            {%- do mallard._refuse('names', names, 'two segments are called ' ~ name ~ '; give each a name of its own') -%}
        {%- endif -%}
        {%- do taken.append(name | lower) -%}
    {%- endfor -%}
    {%- set unknown = names | reject('in', ids) | list -%}
    {%- if unknown -%}
        {%- do mallard._say('names has names for segments that there are not: ' ~ unknown | join(', ')) -%}
    {%- endif -%}
    {%- for segment in centroids.segments -%}
        {%- set own = names.get(segment.segment_id | string) -%}
        {%- set is_taken = own is none and (segment.segment_name or '') | lower in taken -%}
        {%- set generated = segment.segment_name ~ ' (' ~ segment.segment_id ~ ')' if is_taken else segment.segment_name -%}
        {%- do segment.update(segment_name=own or generated) -%}
    {%- endfor -%}
{%- endmacro %}
