"""The SQL file of a segmentation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mallard.inputs.settings import Settings
from mallard.inputs.values import enumerated
from mallard.labels import in_list
from mallard.nouns import noun
from mallard.start.entities import Entities
from mallard.start.orders import Orders
from mallard.start.relations import Source, relation_sql
from mallard.start.texts import in_comment, in_jinja
from mallard.start.words import words_of

RFM = ["recency_days", "orders", "revenue"]
"""The columns of `mallard.rfm` that customers are compared by."""
LONGEST_LIST = 90
IN_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]")


def segments_of_orders_model(entity: str, orders: Orders, customers: str) -> str:
    """The segmentation of the customers that `customers_model` makes."""
    settings = {"id": orders.customer_id.name, "features": RFM, "value_column": "revenue"}
    comments = _other_settings(
        entity,
        {RFM[0]: "recency"},
        nulls=f"who lacks a feature gets no segment: a {entity} with nothing but returns has no {RFM[0]}",
    )
    return _segmentation(entity, settings, comments, relation_sql(customers))


def segments_model(entity: str, entities: Entities, relation: str | Source) -> str:
    """The segmentation of the rows of a table."""
    settings: dict[str, Any] = {"id": entities.id.name, "features": entities.features}
    if entities.value:
        settings["value_column"] = entities.value
    if entities.personal:
        settings["publish_exclude"] = entities.personal
    lacking = enumerated([f"{in_list(name)} {n:,}" for name, n in entities.n_incomplete.items()])
    comments = _other_settings(
        entity,
        _spelled_out(entities.features),
        nulls=f"who lacks a feature gets no segment{f' (missing: {lacking})' if lacking else ''}",
    )
    if not entities.value:
        comments["value_column"] = ("...", "a column of money, to compare segments by what they are worth")
    if not entities.personal:
        comments["publish_exclude"] = ("[...]", "columns to leave out of what is published, such as names")
    left_out = [f"--   {name} {reason}" for name, reason in entities.left_out.items()]
    return _segmentation(entity, settings, comments, relation_sql(relation), left_out)


def _other_settings(entity: str, words: Mapping[str, str], nulls: str) -> dict[str, tuple[str, str]]:
    """Settings that a segmentation has without a word, with their values and what these do."""
    values = {
        "n_clusters": f"as many segments as there are groups of {noun(entity).many}; 5 makes five",
        "without_groups": "without groups, 3 to 6 slices of the one cloud; 'one' makes a single segment",
        "scale": "each feature by its shape, so that money and days count alike",
        "nulls": f"{nulls}; 'median' fills it in",
    }
    settings = {name: (in_jinja(getattr(Settings, name)), meaning) for name, meaning in values.items()}
    shown = ", ".join(f"{in_jinja(name)}: {in_jinja(word)}" for name, word in words.items())
    return settings | ({"feature_words": (f"{{{shown}}}", "what names of segments call a feature")} if words else {})


def _spelled_out(features: Sequence[str]) -> dict[str, str]:
    """Words for the first feature that isn't called by them anyway, such as "annual income" for "AnnualIncome (k$)"."""
    as_they_are = Settings()
    words = {feature: " ".join(words_of(IN_BRACKETS.sub("", feature))) for feature in features}
    return dict([(name, said) for name, said in words.items() if said and said != as_they_are.word(name)][:1])


def _segmentation(
    entity: str,
    settings: dict[str, Any],
    others: dict[str, tuple[str, str]],
    reference: str,
    left_out: list[str] | None = None,
) -> str:
    if entity != "customer":
        settings = settings | {"entity": entity}
    width = max(len(f"'{name}': {value}") for name, (value, _) in others.items())
    lines = [f"-- One row per {entity}, with its segment."]
    if left_out:
        lines += ["--", "-- Columns that aren't features:", *map(in_comment, left_out)]
    lines += ["--", "-- Settings that you can add to meta:"]
    for name, (value, meaning) in others.items():
        setting = f"'{name}': {value}"
        lines.append(in_comment(f"--   {setting:{width}}  {meaning}"))
    lines += ["{{ config(", "    materialized='segmentation',", "    meta={"]
    lines += [f"        {in_jinja(name)}: {_value(value)}," for name, value in settings.items()]
    return "\n".join([*lines, "    }", ") }}", "", f"select * from {{{{ {reference} }}}}", ""])


def _value(value: str | list[str]) -> str:
    """A setting in Jinja; a long list has a line for each text."""
    if isinstance(value, str):
        return in_jinja(value)
    texts = [in_jinja(text) for text in value]
    on_one_line = f"[{', '.join(texts)}]"
    if len(on_one_line) <= LONGEST_LIST:
        return on_one_line
    return "\n".join(["[", *(f"            {text}," for text in texts), "        ]"])
