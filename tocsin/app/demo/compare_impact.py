"""An impact run beside the truth: whom an attack truly touched, and how much of theirs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from incidents.impact import ImpactRun, Range, Standing
from tocsin.app.demo.truth import Attack, Touched, Truth
from tocsin.model.findings import Incident


class Count(NamedTuple):
    """One number of the truth and the range that was said.

    Attributes:
        customer: Whose data.
        category: Which.
        what: ``records`` or ``subjects``.
        least: The truth: distinct ones, or at least so many where the truth has several parts.
        most: At most so many.
        said: What the run says; None where it says nothing of the category.
    """

    customer: str
    category: str
    what: str
    least: int
    most: int
    said: Range | None

    @property
    def inside(self) -> bool:
        """Return whether the truth may lie inside what was said."""
        said = self.said
        return (
            said is not None
            and said.min <= self.most
            and (said.max is None or self.least <= said.max)
        )


class Verdict(NamedTuple):
    """What a run is worth.

    Attributes:
        touched: Customers that the attack truly touched.
        confirmed: Those the run confirms.
        possible: Those it calls possible.
        missed: Truly touched and excluded.
        wrong: Confirmed and not touched.
        counts: Every number of the truth.
    """

    touched: frozenset[str]
    confirmed: frozenset[str]
    possible: frozenset[str]
    missed: frozenset[str]
    wrong: frozenset[str]
    counts: tuple[Count, ...]


def compare(attack: Attack, run: ImpactRun) -> Verdict:
    """Return a run's verdict."""
    touched = frozenset(one.customer for one in attack.touched)
    confirmed = frozenset(one.customer for one in run.with_standing(Standing.CONFIRMED))
    possible = frozenset(one.customer for one in run.with_standing(Standing.POSSIBLE))
    return Verdict(
        touched=touched,
        confirmed=confirmed,
        possible=possible,
        missed=touched - confirmed - possible,
        wrong=confirmed - touched,
        counts=tuple(_counts(attack.touched, run)),
    )


def beside(truth: Truth, incident: Incident, run: ImpactRun) -> Iterator[str]:
    """Yield what a run says beside what was planted, a line each.

    Args:
        truth: What really happened.
        incident: Whose impact it is; the attack is the one of which it holds most.
        run: The run.
    """
    own = set(incident.event_ids)
    held = {one.id: sum(step.id in own for step in one.events) for one in truth.attacks}
    attack = max(truth.attacks, key=lambda one: held[one.id], default=None)
    if attack is None or not held[attack.id]:
        yield "Nothing that was planted is in this incident."
        return
    found = compare(attack, run)
    known = len(found.touched & (found.confirmed | found.possible))
    inside = sum(one.inside for one in found.counts)
    yield f"Beside what was planted ({attack.title}):"
    yield (
        f"  customers truly touched: {len(found.touched)}, of them confirmed or possible: {known}"
        + (f"; MISSED: {', '.join(sorted(found.missed))}" if found.missed else "")
    )
    yield f"  confirmed and not touched: {', '.join(sorted(found.wrong)) or 'none'}"
    yield f"  numbers of records and people: {len(found.counts)}, inside the range said: {inside}"
    for one in found.counts:
        if not one.inside:
            said = f"{one.said.min} to {one.said.max}" if one.said else "nothing"
            true = f"{one.least} to {one.most}" if one.least < one.most else str(one.least)
            where = f"{one.customer}, {one.category}, {one.what}"
            yield f"    OUTSIDE: {where}: truly {true}, said {said}"


def _counts(touched: Iterable[Touched], run: ImpactRun) -> Iterable[Count]:
    parts: defaultdict[tuple[str, str], list[Touched]] = defaultdict(list)
    for one in touched:
        for category in one.categories:
            parts[one.customer, category].append(one)
    for (customer, category), held in sorted(parts.items()):
        found = run.of(customer)
        impact = (
            next((c for c in found.categories if c.category == category), None) if found else None
        )
        for what in ("records", "subjects"):
            numbers = [int(getattr(one, what)) for one in held]
            said = getattr(impact, what) if impact else None
            # Several ways of taking may have taken the same.
            yield Count(customer, category, what, max(numbers), sum(numbers), said)
