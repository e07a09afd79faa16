{# Ratings are added up in millionths, as whole numbers: equal ratings have no spread at all, and threads change nothing. #}
{% macro _rating_aggregates(negative_up_to) -%}
    {%- set millionths = 'cast(round(mallard__rating * 1000000) as hugeint)' -%}
    {{ return({
        'mallard__ratings': 'count(mallard__rating)',
        'mallard__rating_sum': 'sum(' ~ millionths ~ ')',
        'mallard__rating_squares': 'sum(' ~ millionths ~ ' * ' ~ millionths ~ ')',
        'mallard__negative': 'count(*) filter (mallard__rating <= ' ~ negative_up_to ~ ')',
    }) }}
{%- endmacro %}

{# The columns that follow from them. The balance adds up how far ratings are from the middle of their range, from -1 to 1, and divides by
   one more than their number, so that it is 0 without ratings and few of them don't count as much as many. #}
{% macro _rating_columns(rating_range) -%}
    {%- set lowest, highest = rating_range -%}
    {%- set n = 'nullif(mallard__ratings, 0)' -%}
    {%- set twice_off_the_middle = '2 * cast(mallard__rating_sum as double) - ' ~ 1000000 * (lowest + highest) ~ ' * mallard__ratings' -%}
    {%- set n_squared_variance = 'mallard__ratings * mallard__rating_squares - mallard__rating_sum * mallard__rating_sum' -%}
    {{ return({
        'rating_count': 'coalesce(mallard__ratings, 0)',
        'rating_mean': 'cast(mallard__rating_sum as double) / (1e6 * ' ~ n ~ ')',
        'rating_spread': 'sqrt(cast(' ~ n_squared_variance ~ ' as double)) / (1e6 * ' ~ n ~ ')',
        'rating_balance':
            'coalesce((' ~ twice_off_the_middle ~ ') / (' ~ 1000000 * (highest - lowest) ~ ' * (mallard__ratings + 1)), 0)',
        'negative_share': 'cast(mallard__negative as double) / ' ~ n,
    }) }}
{%- endmacro %}

{% macro _check_rating_range(rating_range) -%}
    {%- set is_pair = rating_range is sequence and rating_range is not string and rating_range | length == 2 -%}
    {%- if not is_pair or rating_range | reject('number') | list or rating_range[0] >= rating_range[1] -%}
        {%- do mallard._refuse('rating_range', rating_range, 'give the lowest and the highest rating, such as [1, 5]') -%}
    {%- endif -%}
{%- endmacro %}

{# Up to which rating a review is negative: by default the lowest quarter of the range, such as 1 and 2 of 5. #}
{% macro _negative_up_to(negative_up_to, rating_range) -%}
    {%- set lowest, highest = rating_range -%}
    {%- if negative_up_to is none -%}
        {{ return(lowest + (highest - lowest) / 4) }}
    {%- elif negative_up_to is boolean or negative_up_to is not number or not lowest <= negative_up_to < highest -%}
        {%- do mallard._refuse('negative_up_to', negative_up_to, 'give a rating from ' ~ lowest ~ ' on and below ' ~ highest) -%}
    {%- endif -%}
    {{ return(negative_up_to) }}
{%- endmacro %}
