"""The runs that were made: the last one, what changed between two, when customers were first seen.

The clock of a customer found later starts when a run first showed it as confirmed; a decision on
one that is possible is due from when a run first showed it.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, func, insert, select

from incidents.impact import scope
from incidents.impact.result import CustomerImpact, ImpactRun, Range, Reason, Standing
from incidents.impact.tables import impact_run
from tocsin import ledger
from tocsin.model.instants import from_us
from tocsin.model.principals import Principal

KIND = "impact.computed"
"""Of the ledger's entry. It holds how many customers stand how, and the digest of the run."""


class Shown(NamedTuple):
    """The runs that first showed a customer; None: none did.

    Attributes:
        possible: As possible or confirmed.
        confirmed: As confirmed.
    """

    possible: ImpactRun | None
    confirmed: ImpactRun | None

    @property
    def possible_at(self) -> int | None:
        """When one first showed it as possible or confirmed, µs since 1970 UTC."""
        return self.possible.at if self.possible else None

    @property
    def confirmed_at(self) -> int | None:
        """When one first showed it as confirmed, µs since 1970 UTC."""
        return self.confirmed.at if self.confirmed else None


class Change(NamedTuple):
    """What differs for one customer between two runs.

    Attributes:
        customer: Its id.
        before: Its standing in the first; None: it said nothing of it.
        after: Its standing in the second.
        what: What else differs, one line each.
    """

    customer: str
    before: Standing | None
    after: Standing | None
    what: tuple[str, ...]

    def __str__(self) -> str:
        """Return it as a line."""
        step = f"{self.before or 'not there'} → {self.after or 'not there'}"
        return "; ".join(
            (f"{self.customer}: {step if self.before != self.after else self.after}", *self.what)
        )


NOT_KEPT = 0
"""The number of a run that is not kept, or not yet."""


def keep(db: Connection, made: ImpactRun, *, principal: Principal, now: datetime) -> ImpactRun:
    """Store a run under the next number, and write into the ledger that it was made.

    Where it looks further than the run before, or no longer so, that is an entry of its own.
    """
    number = (db.scalar(select(func.max(impact_run.c.number))) or NOT_KEPT) + 1
    made = msgspec.structs.replace(made, number=number)
    scope.note(db, made, last(db, made.incident), principal=principal, now=now)
    body = msgspec.json.encode(made).decode()
    db.execute(
        insert(impact_run).values(
            number=made.number,
            incident=made.incident,
            at=made.at,
            principal=made.principal,
            payload=body,
        )
    )
    fact = {
        "incident": made.incident,
        "run": made.number,
        "customers": {str(one): len(made.with_standing(one)) for one in Standing},
        "stated": any(one.standing != Standing.EXCLUDED for one in made.stated)
        or any(one.reason == Reason.NAMED for one in made.customers),
        "datamap": made.query.datamap,
        "registers": made.query.registers,
        "sha256": sha256(body.encode()).hexdigest(),
    }
    ledger.append(db, KIND, fact, principal=principal, at=now)
    return made


def runs(db: Connection, incident: int) -> list[ImpactRun]:
    """Return the runs of an incident, the first one first."""
    c = impact_run.c
    stored = db.scalars(select(c.payload).where(c.incident == incident).order_by(c.number))
    return [msgspec.json.decode(one, type=ImpactRun) for one in stored]


def last(db: Connection, incident: int) -> ImpactRun | None:
    """Return the newest run of an incident; None before the first."""
    c = impact_run.c
    stored = db.scalar(
        select(c.payload).where(c.incident == incident).order_by(c.number.desc()).limit(1)
    )
    return None if stored is None else msgspec.json.decode(stored, type=ImpactRun)


def first_shown(made: Iterable[ImpactRun]) -> dict[str, Shown]:
    """Return, per customer that any of these runs shows, which did first.

    Args:
        made: Runs of one incident, the first one first.
    """
    shown = dict[str, Shown]()
    for run in made:
        for one in run.customers:
            if one.standing == Standing.EXCLUDED:
                continue
            before = shown.get(one.customer, Shown(None, None))
            confirmed = run if one.standing == Standing.CONFIRMED else None
            shown[one.customer] = Shown(before.possible or run, before.confirmed or confirmed)
    return shown


def difference(before: ImpactRun, after: ImpactRun) -> list[Change]:
    """Return what two runs of one incident say differently, by customer."""
    names = {one.customer for one in (*before.customers, *after.customers)}
    changes = []
    for name in sorted(names):
        old, new = before.of(name), after.of(name)
        what = (*_grounds(old, new), *_period(old, new), *_numbers(old, new), *_claims(old, new))
        was, will = old.standing if old else None, new.standing if new else None
        if what or was != will:
            changes.append(Change(name, was, will, what))
    return changes


def _grounds(old: CustomerImpact | None, new: CustomerImpact | None) -> list[str]:
    """Return what else than numbers differs of a customer, and of categories that both runs have.

    Not why it is excluded: nothing is owed to whoever is.
    """
    if old is None or new is None:
        return []
    lines, whole = [], (old.reason, new.reason)
    if old.reason != new.reason and old.standing == new.standing != Standing.EXCLUDED:
        lines.append(f"reason: {old.reason} → {new.reason}")
    was, will = ({one.category: one for one in run.categories} for run in (old, new))
    for category in sorted(was.keys() & will.keys()):
        a, b = was[category], will[category]
        if a.reason and b.reason and a.reason != b.reason and (a.reason, b.reason) != whole:
            lines.append(f"{category}, reason: {a.reason} → {b.reason}")
        for field in ("stores", "effects"):
            x, y = (", ".join(sorted(getattr(one, field))) or "none" for one in (a, b))
            if x != y:
                lines.append(f"{category}, {field}: {x} → {y}")
    return lines


def _period(old: CustomerImpact | None, new: CustomerImpact | None) -> list[str]:
    """Return how the time differs in which a customer is touched, where both runs show it so.

    No end is news that only an owner's honest work may have moved: whoever is at work goes on.
    """
    if old is None or new is None or Standing.EXCLUDED in (old.standing, new.standing):
        return []
    spans = [("began", old.first_at, new.first_at)]
    if new.events or new.lineage or not new.shared:
        spans.append(("ended", old.last_at, new.last_at))
    return [
        f"{word}: {_instant(was)} → {_instant(will)}" for word, was, will in spans if was != will
    ]


def _instant(at: int | None) -> str:
    return "unknown" if at is None else f"{from_us(at):%Y-%m-%d %H:%M:%S} UTC"


def _numbers(old: CustomerImpact | None, new: CustomerImpact | None) -> list[str]:
    """Return the numbers that differ; of people in all only what no category says already."""
    was = {one.category: one for one in old.categories} if old else {}
    will = {one.category: one for one in new.categories} if new else {}
    lines = []
    for category in sorted(was.keys() | will.keys()):
        a, b = was.get(category), will.get(category)
        for field in ("records", "subjects"):
            x, y = _said(getattr(a, field, None)), _said(getattr(b, field, None))
            if x != y:
                lines.append(f"{category}, {field}: {x} → {y}")
    if old and new and Standing.EXCLUDED not in (old.standing, new.standing):
        change = f"subjects: {_said(old.subjects)} → {_said(new.subjects)}"
        if _said(old.subjects) != _said(new.subjects) and not any(
            line.endswith(f", {change}") for line in lines
        ):
            lines.append(change)
    return lines


def _claims(old: CustomerImpact | None, new: CustomerImpact | None) -> list[str]:
    """Return the stores of which another thing is claimed now, where both runs speak of them."""
    was = {one.store: one.accessed for one in old.negatives} if old else {}
    will = {one.store: one.accessed for one in new.negatives} if new else {}
    words = {False: "not accessed", None: "unknown"}
    return [
        f"{store}: {words.get(was[store])} → {words.get(will[store])}"
        for store in sorted(was.keys() & will.keys())
        if was[store] != will[store]
    ]


def _said(found: Range | None) -> str:
    if found is None:
        return "none"
    best, most = (("?" if n is None else n) for n in (found.best, found.max))
    return f"{found.min}–{best}–{most}"  # noqa: RUF001 - ranges are written so
