"""The course of a case, as people read it: who did what to it, when and why. Pure: entries in.

A step is what a person did, or what changed what people have to do. What follows from it by rule
(clocks started, moved, met; reminders; attempts at messages) is no step: it is shown as it stands.
What was done to several customers at once is one step.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from incidents.assessment import Entry
from incidents.assessment.bodies import (
    Added,
    Closed,
    Confirmed,
    Corrected,
    Dismissed,
    Merged,
    Opened,
    Proposed,
    Recorded,
    Reopened,
    Reported,
    Taken,
)
from incidents.impact import Standing
from incidents.obligations.customers import DECIDED, Decided
from incidents.obligations.keep import Change
from tocsin import ledger

TOGETHER = timedelta(minutes=1)
"""What one person did within it, in the same words, was done at once."""

LEDGER_ONLY = frozenset(
    {
        "approval.given",
        "evidence.exported",
        "facts.given",
        "impact.computed",
        "message.cancelled",
        "message.requeued",
        "notice.prepared",
        "receipt.acknowledged",
    }
)
"""Kinds that are no entry of the case itself."""


class Step(NamedTuple):
    """Something that was done.

    Attributes:
        at: When it was written down.
        who: The principal.
        what: In words.
        customers: To whom it was done, in order; () for the incident as a whole.
        why: Reasons, or "".
        is_routine: It decided nothing: the first to be left out where there is much.
    """

    at: datetime
    who: str
    what: str
    customers: tuple[str, ...]
    why: str
    is_routine: bool = False


def course(of: Iterable[Entry], noted: Iterable[ledger.Entry]) -> list[Step]:
    """Return the steps of a case, in the order they were written.

    Args:
        of: All entries of the incident.
        noted: What the ledger says about it; what the case has itself is passed by.
    """
    steps = [
        (one.ledger, Step(one.at, one.principal, what, whom, why))
        for one in of
        for what, whom, why in _said(one)
    ]
    for kept in noted:
        at, is_routine = datetime.fromisoformat(kept.at), kept.kind != "approval.given"
        for what, whom, why in _noted(kept):
            steps.append((kept.number, Step(at, kept.principal, what, whom, why, is_routine)))
    found: list[Step] = []
    for _, step in sorted(steps, key=lambda one: one[0]):
        last = found[-1] if found else None
        if last and step.customers and _is_same(last, step):
            customers = dict.fromkeys((*last.customers, *step.customers))
            found[-1] = last._replace(customers=tuple(customers))
        else:
            found.append(step)
    return found


def _is_same(one: Step, other: Step) -> bool:
    same = (one.who, one.what, one.why) == (other.who, other.what, other.why)
    return same and other.at - one.at < TOGETHER


_Said = tuple[str, tuple[str, ...], str]
"""What, to whom, why."""


def _said(entry: Entry) -> Iterator[_Said]:
    match entry.read():
        case Opened(report=None) as body:
            yield f"opened: {body.findings} findings", (), ""
        case Opened():
            yield "opened: it was reported", (), ""
        case Reported():
            yield "a further report came", (), ""
        case Merged() as body:
            yield f"is part of incident {body.into} now", (), ""
        case Taken() as body:
            yield "taken", (), body.why
        case Confirmed() as body:
            later = f"; not from the report's receipt: {body.later_because}"
            why = f"{body.why}{later if body.later_because else ''}{_earlier(body)}"
            yield f"judged a breach, aware at {_at(body.aware_at)}", (), why
        case Added() as body:
            by = f" by run {body.run}" if body.run else ""
            since = f", known since {_at(body.known_at)}" if body.known_at else ""
            yield f"shown as {body.standing}{by}{since}", (body.customer,), ""
        case Dismissed() as body:
            yield "judged no breach", (), body.why
        case Closed() as body:
            yield "closed", (), body.why
        case Reopened() as body:
            yield "reopened", (), body.why
        case Proposed() as body:
            yield (
                f"asked that awareness be {_instead(body)}: waits for a second",
                (),
                f"{body.why}{_earlier(body)}",
            )
        case Corrected() as body:
            yield f"awareness is {_instead(body)}", (), f"{body.why}{_earlier(body)}"
        case Recorded() as body:
            where = f" at {body.where}" if body.where else ""
            since = "no longer" if body.at is None else f"since {_at(body.at)}"
            yield f"{body.what}{where} {since}", (), body.why
        case None:
            yield from _of_duties(entry)
        case _:
            pass


def _of_duties(entry: Entry) -> Iterator[_Said]:
    if entry.kind == DECIDED:
        one = msgspec.json.decode(entry.body, type=Decided)
        until = f" until {_at(one.until)}" if one.until else ""
        yield f"decided: {one.answer}{until}", (one.customer,), one.why
    elif entry.kind in ("obligation.waived", "obligation.explained"):
        change = msgspec.json.decode(entry.body, type=Change)
        owed, verb = change.obligation, entry.kind.partition(".")[2]
        said = owed.waived if verb == "waived" else owed.late_reason
        whom = (owed.customer,) if owed.customer else ()
        yield f"{owed.clause} {verb}", whom, change.why or said
    elif entry.kind == "obligation.met":
        owed = msgspec.json.decode(entry.body, type=Change).obligation
        if owed.met_by is not None and owed.met_by.kind == "filed":
            yield f"{owed.clause} filed at {_at(owed.met_by.at)}: {owed.met_by.proof}", (), ""


def _noted(entry: ledger.Entry) -> Iterator[_Said]:
    if entry.kind not in LEDGER_ONLY or entry.body is None:
        return
    fact: Mapping[str, Any] = msgspec.json.decode(entry.body)
    whom = (str(fact["customer"]),) if fact.get("customer") else ()
    match entry.kind:
        case "impact.computed":
            counts = ", ".join(f"{fact['customers'][one]} {one}" for one in map(str, Standing))
            how = "stated" if fact.get("stated") else "counted"
            yield f"whose data it touched was {how}, run {fact['run']}: {counts}", (), ""
        case "facts.given":
            yield f"facts given: {', '.join(fact['facts']) or 'none'}", (), ""
        case "notice.prepared":
            yield f"notice {fact['notice']} prepared, {fact['manifest'][:12]}…", whom, ""
        case "approval.given":
            yield f"approved {fact['notices']} notices, {fact['manifest'][:12]}…", (), ""
        case "message.cancelled" | "message.requeued":
            verb = "taken back" if entry.kind == "message.cancelled" else "queued again"
            yield f"message {fact['message']} {verb}", whom, str(fact.get("why", ""))
        case "receipt.acknowledged":
            yield "acknowledged", whom, ""
        case _:
            whose = f" for {whom[0]}" if whom else ""
            yield f"evidence exported{whose}", (), ""


def _earlier(body: Confirmed | Proposed | Corrected) -> str:
    return f"; before its first event: {body.earlier_because}" if body.earlier_because else ""


def _instead(body: Proposed | Corrected) -> str:
    to = _at(body.aware_at) if body.aware_at else "void"
    return f"{to} instead of {_at(body.former_at)}"


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
