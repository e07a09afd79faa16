"""Customers with numbers, texts and booleans, some of whom lack a value, and how to segment them."""

from __future__ import annotations

from typing import Any

CUSTOMERS = """
select
    i as id,
    cast(case when i % 11 = 0 then null else 40 + 30 * sin(i * 0.7) + i % 7 end as integer) as income,
    case when i % 13 = 0 then 'nan'::double else exp(sin(i) * 2 + cos(i * 0.7)) - 1 end as orders,
    case when i % 17 = 0 then null else ['Köln', 'O''Hare', 'a, b', ''][1 + i % 4] end as city,
    case when i % 19 > 0 then i % 3 = 0 end as is_member,
    cast(i % 5 + 0.25 as decimal(9, 2)) as "odd ""n",
    1 + i % 4 * 0.25 as w
from range(400) as t(i)
"""
FEATURES = {
    "income": None,
    "orders": {"scale": "log1p+standard"},
    "city": {"weight": 0.5},
    "is_member": {"weight": 0.5},
    'odd "n': {"scale": "robust"},
}
SHARED: dict[str, Any] = {"id": "id", "features": FEATURES, "n_clusters": 6, "refit": "never"}
