"""What the logs can say as entries of the union schema: hours and reads, and stores ruled out."""

from incidents.documents import about_logs
from incidents.documents.about_breach import given
from incidents.documents.entries import entry, texts
from incidents.documents.facts import NoticeFacts
from incidents.documents.speech import Speech
from incidents.documents.union import Entry, stamp


def coverage(facts: NoticeFacts, t: Speech) -> Entry:
    """Return what each source covers."""
    said = about_logs.coverage(facts, t)
    if facts.coverage is None:
        return Entry([], texts(said))
    value = [
        {
            **each.model_dump(mode="json", exclude={"partly_unread"}),
            "since": stamp(each.since),
            "until": stamp(each.until),
        }
        for each in given(facts.coverage)
    ]
    return entry(facts.coverage, value, texts(said[1:2]))


def negative_findings(facts: NoticeFacts, t: Speech) -> Entry:
    """Return, store by store, whether it was accessed: no, or null where nobody can tell.

    It is certain where all of them are ruled out; of no store, nothing is.
    """
    value = [
        {
            "store": each.store,
            "accessed": False if each.finding == "not_accessed" else None,
            "confidence": "certain" if each.finding == "not_accessed" else "not_assessable",
            "finding": each.finding,
            "may_hold": list(each.may_hold),
            "logs": [log.model_dump() for log in each.logs],
        }
        for each in facts.negative_findings
    ]
    sure = bool(value) and all(each["accessed"] is False for each in value)
    text = " ".join(about_logs.findings(facts, t))
    return entry(facts.standing, value, text, possible=not sure)
