{% macro feature_statistics(relation, features, scaling) -%}
    {{ return(adapter.dispatch('feature_statistics', 'mallard')(relation, features, scaling)) }}
{%- endmacro %}

{% macro default__feature_statistics(relation, features, scaling) -%}
    {%- if scaling == 'standard' -%}
        {{ mallard._standard_statistics(relation, features) }}
    {%- else -%}
    select
        {%- for feature in features %}
        cast({{ mallard._center_of(feature, scaling) }} as double) as {{ feature }}_center,
        cast({{ mallard._spread_of(feature, scaling) }} as double) as {{ feature }}_spread{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    {%- endif -%}
{%- endmacro %}

{# In three steps, since exact sums need to know how large their terms can be. The bounds are in the table's own statistics. #}
{% macro _standard_statistics(relation, features) -%}
    with bounds as (

        select
            {%- for feature in features %}
            min({{ feature }}) as {{ feature }}_lowest,
            max({{ feature }}) as {{ feature }}_highest,
            {{ mallard.sum_scale('greatest(abs(min(' ~ feature ~ ')), abs(max(' ~ feature ~ ')))') }} as {{ feature }}_scale{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}

    ),

    means as (

        select
            {%- for feature in features %}
            {{ mallard.exact_sum(feature, feature ~ '_scale') }} / count(*) as {{ feature }}_center{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
        cross join bounds

    ),

    centered as (

        select
            *,
            {%- for feature in features %}
            {{ mallard.sum_scale('pow(greatest(' ~ feature ~ '_highest - ' ~ feature ~ '_center, ' ~ feature ~ '_center - ' ~ feature ~ '_lowest), 2)') }} as {{ feature }}_square_scale{{ ',' if not loop.last }}
            {%- endfor %}
        from bounds
        cross join means

    )

    select
        {%- for feature in features %}
        any_value({{ feature }}_center) as {{ feature }}_center,
        case
            when any_value({{ feature }}_lowest) = any_value({{ feature }}_highest) then 0
            else sqrt({{ mallard.exact_sum(mallard._square_of(feature ~ ' - ' ~ feature ~ '_center'), feature ~ '_square_scale') }} / count(*))
        end as {{ feature }}_spread{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    cross join centered
{%- endmacro %}

{# A product: pow() takes several times as long. #}
{% macro _square_of(expression) -%}
    ({{ expression }}) * ({{ expression }})
{%- endmacro %}

{% macro _center_of(feature, scaling) -%}
    {%- if scaling == 'minmax' -%} min({{ feature }})
    {%- elif scaling == 'robust' -%} median({{ feature }})
    {%- elif scaling == 'none' -%} any_value(0)
    {%- else -%} {%- do mallard._refuse('mallard_scaling', scaling, 'choose from standard, minmax, robust, none') -%}
    {%- endif -%}
{%- endmacro %}

{% macro _spread_of(feature, scaling) -%}
    {%- if scaling == 'minmax' -%} max({{ feature }}) - min({{ feature }})
    {%- elif scaling == 'robust' -%} quantile_cont({{ feature }}, 0.75) - quantile_cont({{ feature }}, 0.25)
    {%- elif scaling == 'none' -%} any_value(1)
    {%- endif -%}
{%- endmacro %}
