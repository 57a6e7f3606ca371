"""The timeline of a bundle: what was found, reported, decided, owed, sent; in sentences.

The same sentences as ``tocsin incident show`` has, but all of them: what followed by rule too, an
entry each, as each may be asked for its proof. A customer's timeline has what is about it, and what
is about everybody in words that name nobody: no colleague, no other customer, no count of them.
"""

from collections.abc import Iterable, Iterator

import msgspec
from sqlalchemy import Connection

from incidents import assessment
from incidents.assessment import Entry, Report
from incidents.assessment.bodies import Opened, Reported
from incidents.evidence.bundle import Moment
from incidents.evidence.proving import OUTSIDE
from tocsin import ledger
from tocsin.app.casework.sentences import Sentence, sentence
from tocsin.model.findings import Finding
from tocsin.model.instants import from_us


def timeline(
    db: Connection, number: int, said: Iterable[Finding], customer: str = ""
) -> Iterator[Moment]:
    """Yield the lines of a timeline, in any order.

    Args:
        db: A transaction.
        number: Of the incident.
        said: Its findings.
        customer: Only what this one may read; "" for all.
    """
    noted = list(ledger.entries(db, about=number))
    if customer:
        yield from _found_for_customers(said)
        yield from _told(noted, customer)
        return
    yield from _found(said)
    yield from _reported(db, number)
    for entry in noted:
        one = sentence(entry)
        yield _moment(one, one.whole, one.who)


def reports(db: Connection, number: int) -> Iterator[tuple[Entry, Report]]:
    """Yield the entries of an incident that took in a report, and the report."""
    for entry in assessment.show(db, number).entries:
        said = entry.read()
        report = said.report if isinstance(said, Opened | Reported) else None
        if report is not None:
            yield entry, report


def _found(said: Iterable[Finding]) -> Iterator[Moment]:
    for one in said:
        if not one.disposition:
            at, source = from_us(one.since), f"rule {one.rule}"
            yield Moment(at=at, kind="finding", what=one.why, source=source)


def _found_for_customers(said: Iterable[Finding]) -> Iterator[Moment]:
    """Yield what kinds of things were found, each with its first time: no names of anybody."""
    first: dict[tuple[str, str], int] = {}
    for one in said:
        if not one.disposition:
            key = (one.rule, one.title)
            first[key] = min(one.since, first.get(key, one.since))
    for (rule, title), since in first.items():
        at, source = from_us(since), f"rule {rule}"
        yield Moment(at=at, kind="finding", what=title, source=source, shared=True)


def _reported(db: Connection, number: int) -> Iterator[Moment]:
    """Yield what was reported, when it reached us: that is not when it was written down."""
    for entry, report in reports(db, number):
        with_it = "".join(f"; original {one.sha256}" for one in report.originals)
        who = f"report received from a {report.reporter}, {report.name}, by {report.channel}"
        yield Moment(
            at=report.received_at,
            kind="report.received",
            what=f"{who}: {report.what}{with_it}",
            source=f"ledger entry {entry.ledger}",
            entry=entry.ledger,
        )


def _told(noted: Iterable[ledger.Entry], customer: str) -> Iterator[Moment]:
    theirs = set[str]()
    """The manifests that have a notice to this customer."""
    for entry in noted:
        one = sentence(entry)
        fact = msgspec.json.decode(entry.body) if entry.body else {}
        if entry.kind == "notice.prepared" and one.customer == customer:
            theirs.add(fact["manifest"])
        is_anothers = entry.kind == "approval.given" and fact.get("manifest") not in theirs
        if not one.told or one.customer not in ("", customer) or is_anothers:
            continue
        who = one.who if one.who.startswith(OUTSIDE) else ""
        yield _moment(one, one.told, who).model_copy(update={"shared": True})


def _moment(one: Sentence, what: str, who: str) -> Moment:
    return Moment(
        at=one.at,
        kind=one.kind,
        what=what,
        principal=who,
        source=f"ledger entry {one.entry}",
        entry=one.entry,
        customer=one.customer,
    )
