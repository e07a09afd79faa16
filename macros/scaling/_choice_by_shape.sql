{# How `scale: auto` chooses for a number: standard, or the logarithm asinh+standard if the skewness exceeds 1 in size. Two shapes stay
   standard all the same, because a logarithm, which stretches what is near 0, would do harm:
     toward_zero   all values have one sign, and the few far from the others are those near 0
     across_zero   values lie on both sides of 0 and close to it, neither with a gap nor in a heap there, so that a logarithm would part
                   them. A skewness of 10 is due to less than 1 % of the customers: outliers, which would spoil any other scale.
   Once a scale was chosen, it takes a skewness of 0.8 or 1.25 to choose the other, so that none flips on the border. `standard` and `log`
   are the places of the two candidates in _statistics, and `earlier` is the scale that was chosen before. The trial that led to these
   numbers is in tests/python/package/test_scales.py. #}
{% macro _choice_by_shape(standard, log, earlier=none) -%}
    {%- set bound = {'standard': 1.25, 'asinh+standard': 0.8}.get(earlier, 1) -%}
    {%- set skewness = 'skewness_' ~ standard -%}
    {%- set toward_zero -%}
        ((lowest_{{ standard }} >= 0 and {{ skewness }} < 0) or (highest_{{ standard }} <= 0 and {{ skewness }} > 0))
    {%- endset -%}
    {%- set across_zero -%}
        (
            abs({{ skewness }}) < 10
            and 5 * least(below_{{ log }}, above_{{ log }}) > below_{{ log }} + above_{{ log }}
            and 3 * close_{{ log }} between near_{{ log }} and 2 * near_{{ log }}
        )
    {%- endset -%}
    case
        when abs({{ skewness }}) > {{ bound }} then
            case when {{ toward_zero }} then 'toward_zero' when {{ across_zero }} then 'across_zero' when {{ skewness }} > 0 then 'high' else 'low' end
        else 'symmetric'
    end
{%- endmacro %}

{# Whether a choice is the logarithm, and why, in plain words. #}
{% macro _is_logarithm(choice) -%}
    {{ return(choice ~ " in ('high', 'low')") }}
{%- endmacro %}

{% macro _reason_of_choice(choice, skewness) -%}
    coalesce('skewness ' || printf('%.1f', round({{ skewness }}, 1) + 0) || ': ' || case {{ choice }}
        when 'high' then 'a few values are far larger than most'
        when 'low' then 'a few values are far lower than most'
        when 'toward_zero' then 'the few that differ from most are near 0, where a logarithm would spread them even more'
        when 'across_zero' then 'but values lie close together on both sides of 0, where a logarithm would part them'
        else 'roughly symmetric'
    end, 'all values are the same')
{%- endmacro %}

{# Why a feature has a scale that nobody had to choose. #}
{% macro _reason_of_scale(feature) -%}
    {%- if feature.scale == 'category' -%} {{ return('all values of the column together count as one standardised number') }}
    {%- elif feature.size and feature.scale == 'none' -%} {{ return('a vector stays as it is') }}
    {%- else -%} {{ return('as the settings say') }}
    {%- endif -%}
{%- endmacro %}
