"""Which customers an incident touches, and since when that was shown.

    known when it was judged       counts from awareness: named, stated, or shown by a run before,
                                   whether a register knew it then or not
    stated after that              the same, unless the statement says since when it is known
    computed after that            counts from when a run first showed it

The instant of a run counts, not when somebody looked at it; the typing of a statement is no
instant of its own. A run never takes a customer away again: a person excludes it, with evidence.
What a person decided or waived holds for what was known then: a run that says more asks again.

Source: contract, clause on breach notice; legal reference, customers found later.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from incidents.assessment.bodies import Added, Confirmed
from incidents.assessment.entries import Entry

DECIDED = "customer.decided"

Answer = Literal["notify", "wait", "exclude"]


class Decided(msgspec.Struct, frozen=True):
    """A person's decision on a possible customer.

    Attributes:
        customer: Its id.
        answer: Notify it as suspected, wait until an instant, or exclude it.
        why: For what one waits, or the evidence.
        until: How long one waits.
    """

    customer: str
    answer: Answer
    why: str
    until: datetime | None = None


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """One customer of an incident.

    Attributes:
        customer: Its id.
        possible_at: When it was first shown as possible; None if never.
        confirmed_at: When it was first shown as confirmed; None if never by a run.
        is_known: A person named it when judging: it counts from awareness.
        is_of_awareness: So does one that was shown before it was judged, or stated since without an
            instant of its own.
        known_at: Since when it is known, as a statement made after the judgement says.
        asked_at: Since when a decision is asked for: when it was first possible, or when a run said
            more than what it was excluded, or the decision waived, upon. To wait is no decision:
            how long one may wait counts from the same instant after it.
        again_at: When a run said more than what one waited upon; None: none did.
        answer: What was decided while it was possible; None: nothing, or it is asked again.
        answered_at: When that was written down.
        suspected_at: When it was first decided to notify it as suspected; saying so again, or a run
            that confirms it, starts no later period.
        until: How long one waits.
    """

    customer: str
    possible_at: datetime | None = None
    confirmed_at: datetime | None = None
    is_known: bool = False
    is_of_awareness: bool = False
    known_at: datetime | None = None
    asked_at: datetime | None = None
    again_at: datetime | None = None
    answer: Answer | None = None
    answered_at: datetime | None = None
    suspected_at: datetime | None = None
    until: datetime | None = None

    @property
    def is_confirmed(self) -> bool:
        """A run or a person says that it was touched."""
        return self.is_known or self.confirmed_at is not None

    @property
    def found_at(self) -> datetime | None:
        """When it was found after awareness; None: it counts from that, or is not confirmed."""
        if self.is_known or self.is_of_awareness:
            return None
        return self.known_at or self.confirmed_at


def touched(of: Iterable[Entry]) -> dict[str, Touched]:
    """Return the customers of a case, by id, in the order they were shown. Pure.

    Args:
        of: All entries of the incident.
    """
    found, judged_at = dict[str, Touched](), None
    for entry in of:
        added = entry.read()
        if isinstance(added, Added):
            old = found.get(added.customer, Touched(customer=added.customer))
            shown = with_shown(old, added)
            # Written down late, of a run that was there when it was judged.
            if judged_at and shown.confirmed_at and shown.confirmed_at < judged_at:
                shown = msgspec.structs.replace(shown, is_of_awareness=True)
            found[added.customer] = shown
        elif isinstance(added, Confirmed):
            judged_at = entry.at
            found |= {
                one.customer: msgspec.structs.replace(one, is_of_awareness=True)
                for one in found.values()
                if one.is_confirmed
            }
        elif entry.kind == DECIDED:
            decided = msgspec.json.decode(entry.body, type=Decided)
            old = found[decided.customer]
            told = entry.at if decided.answer == "notify" else None
            found[decided.customer] = msgspec.structs.replace(
                old,
                answer=decided.answer,
                answered_at=entry.at,
                suspected_at=old.suspected_at or told,
                until=decided.until,
            )
    return found


def with_shown(before: Touched, added: Added) -> Touched:
    """Return a customer after one more run, or a person who judged, showed it."""
    if added.at is None:
        return msgspec.structs.replace(before, is_known=True)
    if added.anew:
        before = Touched(customer=added.customer, possible_at=before.possible_at)
    if added.standing == "confirmed":
        shown = msgspec.structs.replace(
            before,
            confirmed_at=before.confirmed_at or added.at,
            # Nothing said since when it counts but the awareness, and more of it moves nothing.
            is_of_awareness=before.is_of_awareness
            or (added.again and not added.anew and before.confirmed_at is None),
        )
        if not added.stated:
            return shown
        return msgspec.structs.replace(
            shown,
            is_of_awareness=shown.is_of_awareness or added.known_at is None,
            known_at=added.known_at,
        )
    if added.again:
        waited = before.answer == "wait"
        return msgspec.structs.replace(
            before,
            possible_at=before.possible_at or added.at,
            asked_at=before.asked_at if waited else added.at,
            again_at=added.at if waited else None,
            answer=None,
            answered_at=None,
            until=None,
        )
    return msgspec.structs.replace(before, possible_at=added.at, asked_at=added.at)
