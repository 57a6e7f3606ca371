"""What we owe: one obligation, what counts as meeting it, what is to be done about it.

Delivered or acknowledged counts as notified. Accepted by our own relay, a completed call,
voicemail, a delivered SMS, an opened mail or link do not.

Source: contract, clause on breach notice; GDPR Art. 33(1) and 33(2); Reg. 1182/71.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from incidents.obligations.clock import Clock, Standing, standing
from incidents.obligations.law import DECISION, IMPACT, NOTICE, OWN_FILING, POSSIBLE

MEETS = {
    NOTICE: frozenset({"delivered", "acknowledged"}),
    OWN_FILING: frozenset({"filed"}),
    POSSIBLE: frozenset({"decided"}),
    DECISION: frozenset({"decided"}),
    IMPACT: frozenset({"counted"}),
}
"""Clause → what meets it. What is not here does not, however good it sounds."""

UNDONE_BY = {"bounced": frozenset({"delivered"})}
"""What takes back what: a bounce after delivery, of the same message."""

SPOKEN = frozenset({"phone", "sms"})
"""Channels that never count where the law wants writing."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What meets an obligation, or takes that back.

    Attributes:
        kind: ``delivered``, ``acknowledged``, ``bounced``, ``filed``, ``decided``.
        at: When it happened.
        key: Of the attempt at the message; "" where there was none. A second attempt after a
            bounce has a key of its own.
        channel: ``email``, ``phone``, …
        proof: Where it can be read: an attempt, a case number, a ledger entry.
    """

    kind: str
    at: datetime
    key: str = ""
    channel: str = ""
    proof: str = ""


class Obligation(msgspec.Struct, frozen=True, kw_only=True):
    """One obligation, as its last entry leaves it.

    Attributes:
        incident: Number of the incident.
        customer: To whom, by the register's id; ``operator`` for what it owes as controller
            itself; "" where the team owes it to itself.
        clause: Id of the duty in the law; see :mod:`incidents.obligations.law`.
        basis: Clause or article, in words.
        version: Of the text.
        window: Elapsed time allowed; frozen when the obligation started.
        in_writing: The law of the customer's place wants writing.
        aware_at: Awareness; None where it does not wait for that.
        starts_at: When the period starts.
        due_at: By the contract or law.
        strict_due_at: By the strict reading: what reminders follow.
        possible_since: Customer found later: when it was first shown as possible, if it was.
        revision: From 1; a new one when the instants change.
        receipts: What met it, and what took that back.
        late_reason: Why it is late, given by a person.
        waived: Why nothing is owed; "" while it is.
        was_waived: Why nothing was owed until a run said more; "" where that was not so.
        is_void: It has lost its ground, e.g. the awareness was withdrawn.
        is_unregistered: No register knew the customer when its terms were frozen: the law's own
            hours stand in for its contract's, and nobody can be notified.
    """

    incident: int
    customer: str
    clause: str
    basis: str
    version: str
    window: timedelta
    in_writing: bool = False
    aware_at: datetime | None
    starts_at: datetime
    due_at: datetime
    strict_due_at: datetime
    possible_since: datetime | None = None
    revision: int = 1
    receipts: tuple[Receipt, ...] = ()
    late_reason: str = ""
    waived: str = ""
    was_waived: str = ""
    is_void: bool = False
    is_unregistered: bool = False

    @property
    def clock(self) -> Clock:
        """Both readings."""
        return Clock(self.aware_at, self.starts_at, self.due_at, self.strict_due_at)

    @property
    def met_at(self) -> datetime | None:
        """When it was met first, by what nothing has taken back; None while it is not."""
        return met_at(self.clause, self.receipts, in_writing=self.in_writing)

    @property
    def met_by(self) -> Receipt | None:
        """What met it first."""
        found = [one for one in self.receipts if one.at == self.met_at and one.kind != "bounced"]
        return found[0] if found else None

    @property
    def is_open(self) -> bool:
        """Somebody still has to do something."""
        return not (self.is_void or self.waived or self.met_at)

    def standing(self, now: datetime) -> Standing:
        """Return how it stands, by the contract."""
        return standing(
            self.due_at,
            now,
            met_at=self.met_at,
            is_waived=bool(self.waived),
            is_void=self.is_void,
        )

    def lacks_reason(self, now: datetime) -> bool:
        """Return whether it is late or overdue and nobody has said why."""
        late = self.standing(now) in (Standing.LATE, Standing.OVERDUE)
        return late and self.clause in (NOTICE, OWN_FILING) and not self.late_reason


class Change(msgspec.Struct, frozen=True):
    """What an entry of an obligation says.

    Attributes:
        obligation: As it is from here on.
        why: In words, where a person gave them.
    """

    obligation: Obligation
    why: str = ""


def met_at(clause: str, receipts: Iterable[Receipt], *, in_writing: bool) -> datetime | None:
    """Return when these receipts met an obligation first, or None.

    Args:
        clause: Which duty.
        receipts: In any order. A bounce takes back the delivery of the same message, whichever
            was told first, and no acknowledgement.
        in_writing: A call alone never counts.
    """
    receipts = tuple(receipts)
    undone = {
        (one.key, kind) for one in receipts for kind in UNDONE_BY.get(one.kind, ()) if one.key
    }
    counting = [
        one.at
        for one in receipts
        if one.kind in MEETS.get(clause, ())
        and (one.key, one.kind) not in undone
        and not (in_writing and one.channel in SPOKEN)
    ]
    return min(counting, default=None)


def is_known(receipts: Iterable[Receipt], news: Receipt) -> bool:
    """Return whether this was told before: the same kind of the same attempt."""
    return any(
        one == news or (bool(news.key) and (one.kind, one.key) == (news.kind, news.key))
        for one in receipts
    )


def counts(clause: str, kind: str) -> bool:
    """Return whether news of this kind changes anything for such an obligation."""
    return kind in MEETS.get(clause, ()) or kind in UNDONE_BY
