"""What a person should look at before they say yes to a preview; no notice is held up by it.

undrawn        letters that the PDF's fonts lack: it shows their code points
begun          a person says that it began after it was known already
stopped        a measure says that access was stopped, and no instant of that is recorded
over           what is promised or planned for an instant that is over

One line for all customers of whom the same is to be said, with the commands that settle it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from incidents.documents import Facts, NoticeFacts, WithdrawalFacts, undrawn
from incidents.documents.response import Measure
from incidents.notices import Manifest
from incidents.notices.kept import facts_of
from tocsin.app.casework.desk import Desk

STOPS = ("access_revoked", "credentials_rotated", "exposure_closed")
"""Measures after which whoever had access has it no more."""

_SHOWN = 8
"""Letters that are named; of more their number is said."""


def doubts(desk: Desk, made: Manifest) -> list[str]:
    """Return what to look at in these notices, each with the customers it is about."""
    found = dict[str, list[str]]()
    with desk.store.read() as db:
        kept = facts_of(db, made)
    for facts in kept:
        for said in _said(facts):
            found.setdefault(said, []).append(facts.customer.id)
    return [f"Look at {', '.join(customers)}: {said}" for said, customers in found.items()]


def _said(facts: Facts) -> Iterator[str]:
    yield from _undrawn(facts)
    if not isinstance(facts, WithdrawalFacts):
        yield from (*_begun(facts), *_stopped(facts), *_over(facts))


def _undrawn(facts: Facts) -> Iterator[str]:
    letters = sorted(undrawn(facts, facts.customer.language))
    if not letters:
        return
    named = ", ".join(f"U+{ord(one):04X}" for one in letters[:_SHOWN])
    more = f" and {len(letters) - _SHOWN} more" if len(letters) > _SHOWN else ""
    yield (
        f"the PDF's fonts lack {named}{more}; it shows the number of each in its place. The mail "
        "and the JSON keep the letters. Write it in Latin letters as well where that matters."
    )


def _begun(facts: NoticeFacts) -> Iterator[str]:
    period, clock = facts.period, facts.clock
    if period.state != "known" or clock.state != "known":
        return
    if period.source.kind != "person" and period.value.method == "log_events":
        return  # its events say so: an attack that goes on comes to some only after it is known
    begun, times = period.value.begun_at, clock.value
    known_at = min(times.known_at, times.aware_at or times.known_at)
    if begun > known_at:
        yield (
            f"it says that the breach begins at {_written(begun)}, after we knew of it, at "
            f"{_written(known_at)}. Where begun_at is wrong, correct the file that states it: "
            f"`tocsin incident assess {facts.incident} --facts FILE.toml`, or `tocsin incident "
            f"declare {facts.incident} FILE.toml`; where awareness is: `tocsin incident correct "
            f"{facts.incident} --aware-at … --why …`. Then preview again."
        )


def _stopped(facts: NoticeFacts) -> Iterator[str]:
    nature, period, measures = facts.nature, facts.period, facts.measures
    if nature.state != "known" or measures.state != "known":
        return
    done = [one for one in measures.value if one.done and one.kind in STOPS]
    goes_on = period.state == "known" and period.value.ended_at is None
    open_ = nature.value.contained_at is None
    if not done or not (goes_on or open_):
        return
    first = min(done, key=_when)
    says = [
        *(["no stop is recorded (nature.contained_at)"] if open_ else []),
        *(["it still goes on (period.ended_at)"] if goes_on else []),
    ]
    number = facts.incident
    yield (
        f"it says that {' and that '.join(says)}, beside the measure {first.kind}, done at "
        f"{_written(first.at)}. Only one of them can be so. Where access was "
        f"stopped: `tocsin incident contain {number} --at … --why …`, and ended_at where a file "
        "states the period. Where it was not, correct the measure: `tocsin incident assess "
        f"{number} --facts FILE.toml`. Then preview again."
    )


def _over(facts: NoticeFacts) -> Iterator[str]:
    now, following, measures = facts.prepared_at, facts.next_update_at, facts.measures
    say = f"in a file, `tocsin incident assess {facts.incident} --facts FILE.toml`"
    if following.state == "known" and following.value <= now and facts.kind != "final":
        yield (
            f"it promises the next message by {_written(following.value)}, which is over: give "
            f"next_update_at anew {say}."
        )
    planned = measures.value if measures.state == "known" else ()
    for one in sorted((each for each in planned if not each.done and each.at <= now), key=_when):
        yield (
            f"the measure {one.kind} is planned for {_written(one.at)}, which is over: say that it "
            f"is done, or for when it is planned now, {say}."
        )


def _when(measure: Measure) -> datetime:
    return measure.at


def _written(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
