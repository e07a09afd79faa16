"""The YAML file of a first segmentation: descriptions, tests and what dbt has to know about the table."""

from __future__ import annotations

import json
import re

from mallard.errors import MallardError
from mallard.start.relations import Source, relation_sql
from mallard.start.seeds import Delimited
from mallard.start.texts import BARE, in_yaml

REF = re.compile(r"ref\('\w+'\)")
"""A text that can stand in a list of YAML as it is."""


def properties(
    entity: str,
    segments: str,
    id_name: str,
    relation: str | Source,
    customers: str | None,
    delimited: Delimited | None,
) -> str:
    """The text of the file.

    Args:
        segments: name of the segmentation.
        id_name: the column that identifies a row.
        relation: the table that everything is made of.
        customers: name of the model between the two, in which each customer has a row; None if there is none.
        delimited: the seed that dbt needs the delimiter of; None if it can read the table without.

    Raises:
        MallardError: YAML can't name the id so that dbt's tests find it.
    """
    if '"' in id_name or "{" in id_name:
        raise MallardError(
            f"column {id_name} has a name that dbt's tests can't be given: call it otherwise in the table."
        )
    given = relation_sql(customers or relation)
    of_id = _id_column(entity, id_name)
    lines = [f"  - name: {in_yaml(segments)}", f"    description: One row per {entity}, with its segment."]
    compared = given if REF.fullmatch(given) else json.dumps(given, ensure_ascii=False)
    lines += ["    data_tests:", "      - mallard.no_rows_lost:"]
    lines += [f"          arguments: {{from: [{compared}], id_column: {in_yaml(id_name)}}}"]
    lines += ["      - mallard.is_nearest_centroid:", f"          arguments: {{id_column: {in_yaml(id_name)}}}", *of_id]
    if customers:
        of_customers = [f"  - name: {in_yaml(customers)}", f"    description: One row per {entity}, from their orders."]
        lines = [*of_customers, *of_id, "", *lines]
    return "\n".join(["models:", *lines, *_source(relation), *_seed(delimited), ""])


def _id_column(entity: str, name: str) -> list[str]:
    quote = [] if BARE.fullmatch(name) else ["        quote: true"]
    described = [f"      - name: {in_yaml(name)}", *quote, f"        description: Identifies a {entity}."]
    return ["    columns:", *described, "        data_tests: [unique, not_null]"]


def _source(source: str | Source) -> list[str]:
    if isinstance(source, str) or source.is_declared:
        return []
    lines = ["", "sources:"]
    if source.location is None:
        lines.append(
            "  # If it is in another database than that of profiles.yml, attach that, and add database: <its name>."
        )
    lines += [f"  - name: {in_yaml(source.name)}", "    tables:", f"      - name: {in_yaml(source.table)}"]
    if source.location:
        lines += ["        config:", f"          meta: {{{_external(source.location)}}}"]
    return lines


def _seed(delimited: Delimited | None) -> list[str]:
    if delimited is None or delimited.is_declared:
        return []
    config = f"    config: {{delimiter: {in_yaml(delimited.delimiter)}}}"
    return ["", "seeds:", f"  - name: {in_yaml(delimited.seed)}", config]


def _external(location: str) -> str:
    """Where the adapter finds a table. It takes braces and what is in them for names, unless it takes percents so."""
    if "{" not in location:
        return f"external_location: {in_yaml(location)}"
    return f"external_location: {in_yaml(location.replace('%', '%%'))}, formatter: oldstyle"
