{# Whether a relation can be queried while a model compiles. A name in place of a relation is that of a table that was made a
   moment ago. A command that builds or tests needs the relation, so it stops here; one that only looks at the project, such as
   dbt compile or dbt docs generate, goes on without. #}
{% macro _is_built(relation, contents) -%}
    {%- if not execute -%}
        {{ return(false) }}
    {%- elif relation is string or load_relation(relation) -%}
        {{ return(true) }}
    {%- elif mallard._is_building() -%}
        {%- do mallard._stop(
            relation ~ ' holds ' ~ contents ~ " and isn't built yet: run dbt build first."
        ) -%}
    {%- endif -%}
    {{ return(false) }}
{%- endmacro %}

{# Whether this command builds or tests, so that models are run after they are compiled. #}
{% macro _is_building() -%}
    {{ return(execute and invocation_args_dict.which in ['build', 'run', 'retry', 'test', 'snapshot', 'show']) }}
{%- endmacro %}
