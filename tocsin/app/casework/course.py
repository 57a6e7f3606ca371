"""The course of a case, as people read it: who did what to it, when and why. Pure: entries in.

A step is what a person did, or what changed what people have to do. What follows from it by rule
(clocks started, moved, met; reminders; attempts at messages) is no step: it is shown as it stands.
What was done to several customers at once is one step.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from tocsin import ledger
from tocsin.app.casework.sentences import Sentence, sentence

TOGETHER = timedelta(minutes=1)
"""What one person did within it, in the same words, was done at once."""

ROUTINE = frozenset(
    {
        "evidence.exported",
        "evidence.withheld",
        "facts.given",
        "impact.computed",
        "message.cancelled",
        "message.requeued",
        "notice.prepared",
        "receipt.acknowledged",
    }
)
"""Kinds of steps that decided nothing."""

DECIDED = frozenset(
    {
        "approval.given",
        "assessment.taken",
        "awareness.corrected",
        "breach.confirmed",
        "breach.dismissed",
        "correction.proposed",
        "customer.added",
        "customer.decided",
        "fact.recorded",
        "impact.widened",
        "incident.closed",
        "incident.merged",
        "incident.opened",
        "incident.reopened",
        "obligation.explained",
        "obligation.reopened",
        "obligation.waived",
        "report.received",
        "word.allowed",
    }
)
"""Kinds of steps that did."""


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


def course(noted: Iterable[ledger.Entry]) -> list[Step]:
    """Return the steps of a case, in the order they were written.

    Args:
        noted: All that the ledger says about it, in its order.
    """
    found: list[Step] = []
    for one in map(sentence, noted):
        if not _is_step(one):
            continue
        whom = (one.customer,) if one.customer else ()
        step = Step(one.at, one.who, one.what, whom, one.why, one.kind in ROUTINE)
        last = found[-1] if found else None
        if last and step.customers and _is_same(last, step):
            customers = dict.fromkeys((*last.customers, *step.customers))
            found[-1] = last._replace(customers=tuple(customers))
        else:
            found.append(step)
    return found


def _is_step(one: Sentence) -> bool:
    return one.kind in ROUTINE or one.kind in DECIDED or one.is_filing


def _is_same(one: Step, other: Step) -> bool:
    same = (one.who, one.what, one.why) == (other.who, other.what, other.why)
    return same and other.at - one.at < TOGETHER
