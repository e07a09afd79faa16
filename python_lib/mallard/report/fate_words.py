"""What became of segments when the current version was fitted."""

from __future__ import annotations

from mallard.figures import percent
from mallard.labels import capital
from mallard.report.data import ReportData, Segment
from mallard.report.history import Fate, History
from mallard.report.words import listed

WENT = {"dissolved": "dissolved, mostly", "survived": "went on as another one,"}
"""What is said of a fate that isn't said by its own name."""


def fate(data: ReportData, segment: Segment) -> str | None:
    """Where a segment of today comes from; None if no version was before, or nobody knows."""
    history = data.history
    if history is None:
        return None
    to_it = [of for of in history.fates if of.new_segment == segment.segment_id]
    own = [of for of in to_it if of.keeps_id]
    said = [_kept(data, history, own[0])] if own else _begun(data, history, to_it)
    dissolved = [of for of in to_it if of.fate == "dissolved"]
    said += [f"It has {_part(data, of)} {history.called(of.segment)}, which dissolved." for of in dissolved]
    return " ".join(filter(None, said)) or None


def rule_name(segment: Segment) -> str | None:
    """What the rule would call a segment, if it is called otherwise."""
    if segment.rule_name is None or segment.rule_name == segment.name:
        return None
    return segment.rule_name


def gone(history: History) -> list[str]:
    """What became of the segments of the version before that aren't there any more."""
    said = []
    for segment in dict.fromkeys(of.segment for of in history.fates if of.segment is not None):
        fates = [of for of in history.fates if of.segment == segment]
        if not any(of.keeps_id for of in fates):
            into = [of.new_segment for of in fates if of.new_segment is not None]
            where = f" into {_numbered(into)}" if into else ""
            said.append(f"{capital(history.called(segment))} {WENT.get(fates[0].fate, fates[0].fate)}{where}.")
    return said


def _kept(data: ReportData, history: History, own: Fate) -> str:
    """What became of a segment that kept its id."""
    others = [of for of in history.fates if of is not own and of.fate == own.fate]
    if own.fate == "split":
        parts = [of.new_segment for of in others if of.segment == own.segment and of.new_segment is not None]
        kept = f"it kept {percent(own.share_of_old)} of its {data.noun.many}, and " if own.share_of_old else ""
        return f"Split by version {history.version}: {kept}{_numbered(parts)} came out of it."
    if own.fate == "merged":
        taken = [history.called(of.segment) for of in others if of.new_segment == own.new_segment]
        return f"Merged by version {history.version}: it took in {listed(taken)}."
    kept = f" with {percent(own.share_of_old)} of its {data.noun.many}" if own.share_of_old else ""
    return f"Survived the fit of version {history.version}{kept}."


def _begun(data: ReportData, history: History, to_it: list[Fate]) -> list[str]:
    """Where a segment with a new id comes from."""
    split = [of for of in to_it if of.fate == "split"]
    merged = [of for of in to_it if of.fate == "merged"]
    new = f"New in version {history.version}"
    if split:
        return [f"{new}: it has {_part(data, split[0])} {history.called(split[0].segment)}, which split."]
    if merged:
        return [f"{new}: {listed([history.called(of.segment) for of in merged])} merged."]
    return [f"{new}."] if to_it else []


def _part(data: ReportData, of: Fate) -> str:
    return "a part of" if of.share_of_old is None else f"{percent(of.share_of_old)} of the {data.noun.many} of"


def _numbered(segments: list[int]) -> str:
    """Segments by their ids alone."""
    return f"{'segment' if len(segments) == 1 else 'segments'} {listed(list(map(str, segments)))}"
