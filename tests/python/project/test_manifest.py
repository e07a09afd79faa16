"""What the manifest tells other people and tools: what they may read, who does, and what metrics mean."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sample import PUBLIC_TABLES, Project


@pytest.fixture(scope="module")
def manifest(built_once: Project) -> dict[str, Any]:
    text: dict[str, Any] = json.loads((built_once.path / "target" / "manifest.json").read_text())
    return text


def test_the_marts_are_public_and_what_leads_to_them_is_not(manifest: dict[str, Any]) -> None:
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    by_access: dict[str, set[str]] = {"public": set(), "protected": set(), "private": set()}
    for model in models:
        by_access[model["access"]].add(model["name"])
    assert by_access == {
        "public": set(PUBLIC_TABLES),
        "protected": {"stg_mall__customers", "stg_mall__rejected_customers", "metricflow_time_spine"},
        "private": {
            "base_mall__customers",
            "int_mall__feature_statistics",
            "int_mall__features",
            "int_mall__scaled_segments",
            "int_mall__segments",
            "mall_algorithm_comparison",
            "mall_kmeans",
        },
    }
    assert {model["group"] for model in models} == {"mall"}
    assert manifest["groups"]["group.mallard.mall"]["owner"] == {"email": None, "name": "Maintainers of Mallard"}


def test_exposures_say_which_tables_a_report_and_a_dashboard_read(manifest: dict[str, Any]) -> None:
    read = {
        exposure["name"]: {key.removeprefix("model.mallard.") for key in exposure["depends_on"]["nodes"]}
        for exposure in manifest["exposures"].values()
    }
    assert read == {
        "segment_report": set(PUBLIC_TABLES) - {"segment_profiles"},
        "segment_dashboard": set(PUBLIC_TABLES),
    }


def test_metrics_are_those_of_two_semantic_models(manifest: dict[str, Any]) -> None:
    semantic_models = {model["name"]: model for model in manifest["semantic_models"].values()}
    measures = {
        (model["name"], measure["name"], measure["agg"], measure["expr"])
        for model in semantic_models.values()
        for measure in model["measures"]
    }
    assert measures == {
        ("customers", "n_customers", "sum", "1"),
        ("customers", "avg_annual_income", "average", "annual_income"),
        ("customers", "avg_spending_score", "average", "spending_score"),
        ("segments", "customer_share", "sum", "share"),
    }
    assert {model["depends_on"]["nodes"][0] for model in semantic_models.values()} == {
        "model.mallard.customer_segments",
        "model.mallard.segment_profiles",
    }
    entities = {name: {(e["name"], e["type"]) for e in model["entities"]} for name, model in semantic_models.items()}
    assert entities == {
        "customers": {("customer", "primary"), ("segment", "foreign")},
        "segments": {("segment", "primary")},
    }
    labels = {metric["name"]: (metric["type"], metric["label"]) for metric in manifest["metrics"].values()}
    assert labels == {
        "n_customers": ("simple", "Customers"),
        "customer_share": ("simple", "Share of all customers"),
        "avg_annual_income": ("simple", "Average income"),
        "avg_spending_score": ("simple", "Average spending score"),
    }
