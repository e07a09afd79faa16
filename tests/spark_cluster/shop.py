"""A shop with one segmentation that has a bit of everything, for builds in any place."""

from __future__ import annotations

import random

from consumer import Consumer

MODEL = """
{{
    config(
        materialized='segmentation',
        meta={
            'id': 'customer_id',
            'features': {'visits': {}, 'revenue': {'scale': 'log1p+standard', 'weight': 2}, 'plan': {}},
            'nulls': 'mean',
            'weight_column': 'times',
            'n_clusters': 3,
        },
    )
}}

select * from {{ ref('customers') }}
"""
PLANS = ("Basic", "Plus", "Pro")
N_CUSTOMERS = 400


def open_shop(project: Consumer) -> None:
    """Give a project its customers and its segmentation."""
    rng = random.Random(0)
    lines = ["customer_id,visits,revenue,plan,times"]
    for customer in range(N_CUSTOMERS):
        group = rng.randrange(3)
        visits = f"{rng.gauss(5 + 20 * group, 2):.3f}" if rng.random() > 0.05 else ""
        revenue = f"{rng.lognormvariate(3 + group, 0.4):.2f}"
        lines.append(f"c{customer},{visits},{revenue},{PLANS[group]},{rng.randint(1, 3)}")
    project.write("seeds/customers.csv", "\n".join(lines) + "\n")
    project.write("seeds/_seeds.yml", "seeds: [{name: customers, config: {column_types: {times: bigint}}}]")
    project.write("models/segments.sql", MODEL)
