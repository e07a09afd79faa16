"""What the report says about the rules that follow the segments."""

from __future__ import annotations

from mallard.figures import figure, percent
from mallard.report.data import ReportData, Rule, Rules, Segment
from mallard.report.words import number_of


def how_well(data: ReportData, rules: Rules) -> str:
    """How often the rules agree with the segments, and what would be lost with rules in place of segments."""
    if data.is_by_rules:
        return _what_they_give(data, rules)
    share = "nearly all" if rules.agreement is None else percent(rules.agreement)
    said = (
        f"Each {data.noun.one} falls under exactly one of these rules. For {share} of the {data.noun.many}, that is a "
        "rule for the own segment."
    )
    if rules.price is not None:
        said += f" With the rules as segments, inertia would be {_how_much_more(rules.price)}."
    return said + _what_is_left_out(data, rules)


def _what_they_give(data: ReportData, rules: Rules) -> str:
    """The same where the rules give the segments."""
    said = f"These rules give the segments: each {data.noun.one} falls under exactly one."
    if rules.price is not None:
        said += f" Inertia is {_how_much_more(rules.price)} than with the nearest centroids, which they follow."
    return said + _what_is_left_out(data, rules)


def _how_much_more(price: float) -> str:
    return f"{percent(abs(price - 1))} {'higher' if price >= 1 else 'lower'}"


def _what_is_left_out(data: ReportData, rules: Rules) -> str:
    if not rules.n_hidden:
        return ""
    return f" Rules for fewer than {data.disclosure.suppress_below} {data.noun.many} are left out."


def of_segment(rules: Rules, segment: Segment) -> list[Rule]:
    """The rules for a segment, in their order."""
    return [rule for rule in rules.rules if rule.segment == segment.segment_id]


def how_many(data: ReportData, rule: Rule, segment: Segment) -> str:
    """Whom a rule catches; an empty text if that is hidden."""
    if rule.n_customers is None or rule.n_of_segment is None:
        return ""
    if rule.n_customers == 0:
        return f"It catches no {data.noun.one}."
    n = segment.n_customers
    if data.is_by_rules:
        return f"It catches {number_of(data, rule.n_customers)}."
    caught = f"It catches {figure(rule.n_of_segment)} of {number_of(data, n)}"
    share = f" ({percent(rule.n_of_segment / n)})" if n else ""
    return f"{caught}{share}, and {percent(rule.n_of_segment / rule.n_customers)} of those it catches belong to it."
