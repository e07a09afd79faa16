{# Checks that the ids are those of the current version of a segmentation. Null passes, for customers without a segment. Fails with one row
   per id that the current version doesn't have, and per other version that gave segments. Your own model names its `segments`, one row
   each, and then fails for those that it lacks, too. #}
{% test segment_ids_are_current(model, column_name, segments=none) %}

{% if model is string and not segments %}
    {% do exceptions.raise_compiler_error("mallard: segment_ids_are_current doesn't support where on a segmentation: remove it, or set segments.") %}
{% endif %}

{% set group = mallard._sql('"group"') if not segments and mallard._has_groups(mallard.versions(model)) else 'null' %}

with found as (

    select distinct
        {{ column_name }} as segment_id,
        {{ 'cast(null as integer)' if segments else 'version' }} as version,
        cast({{ group }} as {{ dbt.type_string() }}) as group_name
    from {{ model }}
    where {{ column_name }} is not null

),

known as (

    {% if segments -%}
    select distinct segment_id, cast(null as integer) as version, cast(null as {{ dbt.type_string() }}) as group_name from {{ segments }}
    {%- else -%}
    select distinct segment_id, version, cast({{ group }} as {{ dbt.type_string() }}) as group_name from {{ mallard.centroids(model) }}
    {%- endif %}

)

select
    found.segment_id as found,
    found.version as found_version,
    found.group_name,
    known.segment_id as known,
    known.version as known_version
from found
{{ 'full' if segments else 'left' }} join known
    on found.segment_id = known.segment_id and found.version is not distinct from known.version
    and found.group_name is not distinct from known.group_name
where (known.segment_id is null or found.segment_id is null){{ " and false" if flags.EMPTY }}

{% endtest %}
