"""What each entry of the ledger says of a case, in a sentence people understand. Pure.

One table of sentences serves everybody who tells a case's course: ``tocsin incident show`` and the
timeline of a bundle. What a customer is told is said apart: no reasons in a colleague's words, no
counts of others, nothing that is the team's alone.

To add one: a case in the room of its kind below.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from incidents.assessment.bodies import (
    KINDS,
    Added,
    Body,
    Closed,
    Confirmed,
    Corrected,
    Counted,
    Dismissed,
    Grown,
    Merged,
    Noted,
    Opened,
    Proposed,
    Recorded,
    Reopened,
    Reported,
    Taken,
)
from incidents.impact import Standing
from incidents.obligations import Obligation
from incidents.obligations.customers import DECIDED, Decided
from incidents.obligations.obligation import Change
from tocsin import ledger
from tocsin.app.rendering import many

SAME = "="
"""A customer is told the same."""


class Sentence(NamedTuple):
    """What one entry says.

    Attributes:
        entry: Number in the ledger.
        at: When it was written down.
        kind: What happened, as ``noun.verb``.
        who: The principal.
        what: In words.
        customer: Id of the only customer it is about; "" for the incident as a whole.
        why: Reasons in a person's words, or "".
        told: What a customer may read of it; "" for nothing.
        is_filing: It says that a person told an authority.
    """

    entry: int
    at: datetime
    kind: str
    who: str
    what: str
    customer: str = ""
    why: str = ""
    told: str = ""
    is_filing: bool = False

    @property
    def whole(self) -> str:
        """Return it with its reasons."""
        return f"{self.what}. Why: {self.why}" if self.why else self.what


class _Said(NamedTuple):
    what: str
    told: str = SAME
    why: str = ""
    is_filing: bool = False


def sentence(entry: ledger.Entry) -> Sentence:
    """Return what an entry says; of one that was erased, that it was."""
    if entry.body is None:
        fact: Mapping[str, Any] = {}
        said = _Said(f"{entry.kind}: what it said was erased", "")
    else:
        fact = msgspec.json.decode(entry.body)
        said = _said(entry.kind, entry.body, fact)
    return Sentence(
        entry=entry.number,
        at=datetime.fromisoformat(entry.at),
        kind=entry.kind,
        who=entry.principal,
        what=said.what,
        customer=str(fact.get("customer", "")),
        why=said.why,
        told=said.what if said.told == SAME else said.told,
        is_filing=said.is_filing,
    )


def moment(at: datetime) -> str:
    """Return an instant as sentences have it."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _said(kind: str, body: str, fact: Mapping[str, Any]) -> _Said:
    noun, _, verb = kind.partition(".")
    if kind in KINDS:
        return _of_the_case(msgspec.json.decode(body, type=KINDS[kind]))
    if kind == DECIDED:
        decided = msgspec.json.decode(body, type=Decided)
        until = f" until {moment(decided.until)}" if decided.until else ""
        return _Said(f"decided: {decided.answer}{until}", why=decided.why)
    if noun == "obligation":
        return _of_duties(verb, msgspec.json.decode(body, type=Change))
    if noun in ("message", "attempt", "receipt"):
        return _of_messages(noun, verb, fact)
    return _of_the_rest(kind, fact)


def _of_the_case(body: Body) -> _Said:
    match body:
        case Opened(report=None):
            return _Said(f"opened: {many(body.findings, 'finding')}", "opened: it was detected")
        case Opened():
            return _Said("opened: it was reported")
        case Reported():
            return _Said("a further report came", "")
        case Grown():
            said = f"detection knows more: {many(body.findings, 'finding')}, level {body.level}"
            return _Said(said, "")
        case Merged():
            return _Said(f"is part of incident {body.into} now", "")
        case Taken():
            return _Said("taken", why=body.why)
        case Confirmed():
            later = f"; not from the report's receipt: {body.later_because}"
            why = f"{body.why}{later if body.later_because else ''}{_earlier(body)}"
            return _Said(f"judged a breach, aware at {moment(body.aware_at)}", why=why)
        case Added():
            by = f" by run {body.run}" if body.run else ""
            since = f", known since {moment(body.known_at)}" if body.known_at else ""
            more = ", with more than was decided upon" if body.again else ""
            return _Said(f"shown as {body.standing}{by}{more}{since}")
        case Counted():
            return _Said(f"whose data it touched is said by run {body.run}")
        case Dismissed():
            return _Said("judged no breach", why=body.why)
        case Closed():
            return _Said("closed", why=body.why)
        case Reopened():
            return _Said("reopened", why=body.why)
        case Proposed():
            asked = f"asked that awareness be {_instead(body)}: waits for a second"
            return _Said(asked, "", f"{body.why}{_earlier(body)}")
        case Corrected():
            return _Said(f"awareness is {_instead(body)}", why=f"{body.why}{_earlier(body)}")
        case Recorded():
            since = "no longer" if body.at is None else f"since {moment(body.at)}"
            where = f" at {body.where}" if body.where else ""  # may be a customer's name
            return _Said(f"{body.what}{where} {since}", "" if where else SAME, body.why)
        case Noted():
            if body.note == "fact":
                return _Said(f"note: {body.text}", "")
            return _Said(f"a {body.note} note; it stays in the house", "")


def _of_duties(verb: str, change: Change) -> _Said:
    owed = change.obligation
    told = SAME if owed.customer else ""  # else the team owes it to itself
    clock = f"due {moment(owed.due_at)}, by the strict reading {moment(owed.strict_due_at)}"
    match verb:
        case "started":
            return _Said(f"{owed.clause} is owed, {clock}", told)
        case "changed":
            return _Said(f"{owed.clause} moved, {clock}", told)
        case "waived":
            return _Said(f"{owed.clause} waived", told, change.why or owed.waived)
        case "explained":
            return _Said(f"{owed.clause} explained", told, change.why or owed.late_reason)
        case "met":
            is_filing = owed.met_by is not None and owed.met_by.kind == "filed"
            return _Said(f"{owed.clause} {_met(owed)}", told, is_filing=is_filing)
        case "reopened":
            if owed.was_waived and owed.met_at is None:
                return _Said(f"{owed.clause} was waived upon less and is owed again, {clock}", told)
            return _Said(f"{owed.clause} is open again", told)
        case _:
            return _Said(f"{owed.clause} is owed no more", told)


def _met(owed: Obligation) -> str:
    by = owed.met_by
    if by is None:
        return "met"
    if by.kind == "filed":
        return f"filed at {moment(by.at)}: {by.proof}"
    channel = f" by {by.channel}" if by.channel else ""
    return f"met: {by.kind}{channel} at {moment(by.at)}"


def _of_messages(noun: str, verb: str, fact: Mapping[str, Any]) -> _Said:
    told = SAME if fact.get("customer") else ""  # else it is an alert or reminder of the team
    why = str(fact.get("why", ""))
    name = f"{fact['purpose']} by {fact['channel']}"
    if noun == "message":
        if verb in ("cancelled", "requeued"):
            done = "taken back" if verb == "cancelled" else "queued again"
            return _Said(f"message {fact['message']} {done}", told, why)
        done = "queued" if verb == "queued" else f"will not arrive: {why}"
        return _Said(f"{name} {done}, {fact['message']}", told)
    if verb == "acknowledged":
        return _Said("acknowledged", told)
    said = str(fact.get("answer" if noun == "attempt" else "detail", ""))
    tried = f"{name}, attempt {fact['attempt']} {verb}"
    return _Said(f"{tried}{f': {said}' * bool(said)}, {fact['message']}", told)


def _of_the_rest(kind: str, fact: Mapping[str, Any]) -> _Said:
    match kind:
        case "impact.computed":
            counts = ", ".join(f"{fact['customers'][one]} {one}" for one in map(str, Standing))
            how = "stated" if fact.get("stated") else "counted"
            said = f"whose data it touched was {how}, run {fact['run']}"
            return _Said(f"{said}: {counts}", said)
        case "impact.widened":
            return _Said(_widened(fact), "", fact["why"])
        case "facts.given":
            return _Said(f"facts given: {', '.join(fact['facts']) or 'none'}")
        case "notice.prepared":
            return _Said(f"notice {fact['notice']} prepared, {fact['manifest'][:12]}…")
        case "approval.given":
            manifest = f"{fact['manifest'][:12]}…"
            said = f"approved {many(fact['notices'], 'notice')}, {manifest}"
            return _Said(said, f"approved the notice, {manifest}")
        case "evidence.captured":
            got, lost = fact["captured"], fact["missing"]
            return _Said(f"{many(got, 'raw record')} captured, {lost} not to be had")
        case "evidence.exported":
            whose = fact.get("customer", "")
            return _Said(f"evidence exported{f' for {whose}' * bool(whose)}", SAME * bool(whose))
        case "evidence.withheld":
            whose = fact.get("customer", "")
            said = f"that export{f' for {whose}' * bool(whose)} was refused or failed"
            return _Said(f"{said}: nothing was written", SAME * bool(whose))
        case "reminder.queued":
            return _Said("the team was reminded", "")
        case "word.allowed":
            return _Said(f'allowed all its customers to read "{fact["word"]}"', "", fact["why"])
        case _:
            return _Said(kind, "")


def _widened(fact: Mapping[str, Any]) -> str:
    parts = [f"{name} {fact[name]}" for name in ("since", "until") if fact[name]]
    if fact["actors"]:
        parts.append(f"counting {', '.join(fact['actors'])} as the attack's")
    how = f"looks further: {', '.join(parts)}" if parts else "looks as far as usual again"
    return f"impact run {fact['run']} {how}"


def _earlier(body: Confirmed | Proposed | Corrected) -> str:
    return f"; before its first event: {body.earlier_because}" if body.earlier_because else ""


def _instead(body: Proposed | Corrected) -> str:
    to = moment(body.aware_at) if body.aware_at else "void"
    return f"{to} instead of {moment(body.former_at)}"
