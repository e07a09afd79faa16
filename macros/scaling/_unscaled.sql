{# The position of a centroid, which stands as {}, in the unit of the feature. A direction has none. #}
{% macro _unscaled(of, centroids) -%}
    {%- if mallard._metric(centroids.metric).spherical -%}
        {{ return(mallard._double(none)) }}
    {%- endif -%}
    {%- set weight, spread, center = mallard._double(of.weight), mallard._double(of.spread), mallard._double(of.center) -%}
    {%- set inverse = mallard._scale_of(of).inverse | replace('{unit}', mallard._double(of.unit)) -%}
    {{ return(inverse | replace('{}', '{} / ' ~ weight ~ ' * ' ~ spread ~ ' + ' ~ center)) }}
{%- endmacro %}

{# The same of a vector, which is among the coordinates of the centroids. #}
{% macro _unscaled_vector(of, centroids) -%}
    {%- set vector = mallard._vector_of(centroids.vectors[of.name]) -%}
    {%- if mallard._metric(centroids.metric).spherical -%}
        {{ return(mallard._double(none, 'double[]')) }}
    {%- endif -%}
    {%- set inverse = mallard._scale_of(of).inverse | replace('{unit}', 'x[4]') -%}
    {%- set value = inverse | replace('{}', 'x[1] / ' ~ mallard._double(of.weight) ~ ' * x[3] + x[2]') -%}
    {%- set lists = [vector, mallard._double(of.center, 'double[]'), mallard._double(of.spread, 'double[]')] -%}
    {%- if mallard._scale_of(of).has_unit -%} {%- do lists.append(mallard._double(of.unit, 'double[]')) -%} {%- endif -%}
    {{ return('[' ~ value ~ ' for x in list_zip(' ~ lists | join(', ') ~ ')]') }}
{%- endmacro %}
