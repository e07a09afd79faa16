{# How customers of two builds are told to be the same, as SQL: `now` of an id of today, `before` of one of the build before. Whole numbers
   are compared as they are, which is fast, anything else as texts: ids may be of another type than before. #}
{% macro _comparable_id(before, plan) -%}
    {%- set id = mallard._quoted(plan.settings.id) -%}
    {%- set names = adapter.get_columns_in_relation(before) | map(attribute='name') | map('lower') | list -%}
    {%- if plan.settings.id | lower not in names -%}
        {{ return({'now': mallard._exact_text(id), 'before': 'cast(null as varchar)'}) }}
    {%- endif -%}
    {%- set kinds = [] -%}
    {%- for customers in ['mallard__customers', before] -%}
        {%- set query = 'select typeof(' ~ id ~ ') from ' ~ customers ~ ' limit 1' -%}
        {%- for row in run_query(query) -%} {%- do kinds.append(row[0]) -%} {%- endfor -%}
    {%- endfor -%}
    {%- if kinds | reject('in', mallard._whole_numbers()) | list -%}
        {{ return({'now': mallard._exact_text(id), 'before': mallard._exact_text(id)}) }}
    {%- endif -%}
    {{ return({'now': id, 'before': id}) }}
{%- endmacro %}

{% macro _whole_numbers() -%}
    {{ return([
        'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT'
    ]) }}
{%- endmacro %}
