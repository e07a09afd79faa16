{# How customers of two builds are told to be the same, as SQL: `now` of an id of today, `before` of one of the build before, if there is
   one. Whole numbers are compared as they are, which is fast, anything else as texts: ids may be of another type than before. #}
{% macro _comparable_id(before, plan) -%}
    {%- set id = mallard._quoted(plan.settings.id) -%}
    {%- set columns = adapter.get_columns_in_relation(before) if before else [] -%}
    {%- if plan.settings.id | lower not in columns | map(attribute='name') | map('lower') | list -%}
        {{ return({'now': mallard._exact_text(id), 'before': 'cast(null as varchar)'}) }}
    {%- endif -%}
    {%- set query -%}
        (select typeof({{ id }}) as "kind" from mallard__customers limit 1)
        union all
        (select typeof({{ id }}) as "kind" from {{ before }} limit 1)
    {%- endset -%}
    {%- set kinds = [] -%}
    {%- for row in mallard._query(query) -%} {%- do kinds.append(row[0].split('(')[0]) -%} {%- endfor -%}
    {%- if not kinds | reject('in', mallard._whole_numbers()) | list -%}
        {{ return({'now': id, 'before': id}) }}
    {%- elif not kinds | reject('in', mallard._whole_numbers() + ['DECIMAL', 'FLOAT', 'DOUBLE']) | list -%}
        {%- set text = mallard._text_of_number(id) -%}
        {{ return({'now': text, 'before': text}) }}
    {%- endif -%}
    {{ return({'now': mallard._exact_text(id), 'before': mallard._exact_text(id)}) }}
{%- endmacro %}

{# A whole number is written without a point also where its type has one: 7 and 7.0 are the same customer. #}
{% macro _text_of_number(id) -%}
    {%- set whole = 'if(' ~ id ~ ' = trunc(' ~ id ~ '), ' ~ 'try_cast(' ~ id ~ ' as hugeint), null)' -%}
    {{ return('coalesce(' ~ mallard._exact_text(whole) ~ ', ' ~ mallard._exact_text(id) ~ ')') }}
{%- endmacro %}

{% macro _whole_numbers() -%}
    {{ return([
        'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT'
    ]) }}
{%- endmacro %}
