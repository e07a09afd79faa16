{# For on-run-end: publishes the public tables, and macros that score, after a run that made one of the tables and in which nothing failed.
   dbt runs Python in a materialization only, and takes a macro for one by its name. #}
{% macro _publish_as_materialization(results, files, copies) -%}
    {%- if files is not mapping -%}
        {%- set given = mallard._shortened(tojson(files)) -%}
        {{ return(mallard._error_in_sql('setting mallard_publish is ' ~ given ~ ': give it as {<target>: <file>, ...}.')) }}
    {%- endif -%}
    {%- set file = files.get(target.name) -%}
    {%- if execute and file and invocation_args_dict.which in ['run', 'build', 'retry'] -%}
        {%- set failed = results | selectattr('status', 'in', ['error', 'fail', 'runtime error', 'partial success']) | list -%}
        {%- set tables = mallard._tables_to_publish(results) if not (flags.EMPTY or failed) else [] -%}
        {%- if flags.EMPTY -%}
            {%- do log('mallard: ' ~ file ~ ' stays as it is, because dbt built tables without rows.', info=true) -%}
        {%- elif failed -%}
            {%- do log('mallard: ' ~ file ~ ' stays as it is, because ' ~ (failed | length) ~ ' of the nodes failed.', info=true) -%}
        {%- elif not tables -%}
            {%- do log('mallard: ' ~ file ~ ' stays as it is, because this run made none of the public tables.', info=true) -%}
        {%- else -%}
            {%- set given = {
                'tables': tables,
                'macros': mallard._macros_to_publish(),
                'file': file,
                'run_id': invocation_id,
                'copies': copies
            } -%}
            {%- call statement('publish', language='python') -%}
{{ mallard._segmentation_step('publish_tables', given, 'publishing') }}
            {%- endcall -%}
            {%- set refusal = mallard._query('select refusal from mallard__published')[0][0] -%}
            {{ mallard._error_in_sql(refusal) if refusal is not none }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
