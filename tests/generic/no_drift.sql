{# Checks, for a segmentation, that the customers of the last build haven't drifted from those that `against` names: fit, the customers for
   whom the segments were fitted, or build before. Fails with rows of the table of drift: those of the four tests on which a fit hangs that
   are material. `measures` is a list of others to look at instead: psi, which fails if it is material, and measures of single segments,
   which have no bound and fail if they are significant. `except` is a list of measures that may drift. Where refit is when_needed, a build
   that drifted from the fit fits again, and the test fails once: with severity warn, it says what the reason was. #}
{% test no_drift(model, against='fit', measures=none, except=[]) %}

{% if model is string %}
    {% do exceptions.raise_compiler_error("mallard: no_drift doesn't support where: it checks the table of drift, not the customers. Remove it.") %}
{% endif %}
{% do mallard._check_drift_is_known(against, measures, except) %}

select * from {{ mallard.drift(model) }}
where
    build = (select max(build) from {{ mallard.builds(model) }})
    and against = {{ mallard._literal(against) }}
    {% if measures is none -%}
    and bound is not null and measure <> 'psi'
    {%- else -%}
    and measure in ({% for measure in measures %}{{ mallard._literal(measure) }}{{ ', ' if not loop.last }}{% endfor %})
    {%- endif %}
    {%- for measure in except %}
    and measure <> {{ mallard._literal(measure) }}
    {%- endfor %}
    and coalesce(is_material, is_significant)

{% endtest %}
