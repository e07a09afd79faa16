{# The head of a piece of Python that dbt-duckdb runs as if it were a model. What follows is the body of a function. #}
{% macro _python_step() -%}
class dbtObj:
    def __init__(self, load_df_function):
        pass


def materialize(relation, session):
    pass


def model(dbt, session):
{%- endmacro %}
