-- Sizes and inertia of the segments are equal in SQL, over all customers, and in the Python model, over the distinct points.
-- Fails with one row per segment that differs.
{{ config(enabled=project_name == 'mallard', group='mall') }}

with in_sql as (

    select
        segment_id,
        n_customers,
        inertia
    from {{ ref('segment_profiles') }}

),

in_python as (

    select
        segment_id,
        weight as n_customers,
        segment_inertia as inertia
    from {{ ref('mall_kmeans') }}
    where is_selected

)

select
    in_sql.segment_id,
    in_sql.n_customers,
    in_sql.inertia,
    in_python.n_customers as n_customers_in_python,
    in_python.inertia as inertia_in_python
from in_sql
full outer join in_python on in_sql.segment_id = in_python.segment_id
where
    in_sql.n_customers is distinct from in_python.n_customers
    or abs(in_sql.inertia - in_python.inertia) > 1e-9 * (1 + in_python.inertia)
