"""On whom a person has to decide again: a run says more than the one that was decided upon.

Pure. More is a higher least, likeliest or largest number of any category, or one nobody can bound;
a stronger reason, of the customer or of a category; a category, a store or an effect that was not
spoken of.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from incidents.impact import CategoryImpact, CustomerImpact, ImpactRun, Range, Reason, Standing
from incidents.obligations import Touched
from tocsin.model.instants import from_us

NOTHING = Range(0, None, 0, "")
STRENGTH = {reason: -place for place, reason in enumerate(Reason)}
"""Of reasons, whose strongest comes first."""


def overtaken(
    made: ImpactRun, before: Sequence[ImpactRun], known: Mapping[str, Touched]
) -> dict[str, int]:
    """Return the possible customers of which a run says more than what was decided upon.

    Args:
        made: The run.
        before: The earlier runs of its incident, the first one first.
        known: What is known of its customers, and what was decided on them.

    Returns:
        Customer → number of the run that was decided upon; 0 where none was there.
    """
    found = dict[str, int]()
    for one in made.with_standing(Standing.POSSIBLE):
        said = known.get(one.customer)
        if said is None or said.answered_at is None or said.answer not in ("wait", "exclude"):
            continue
        upon = [run for run in before if from_us(run.at) <= said.answered_at][-1:]
        if says_more(upon[0].of(one.customer) if upon else None, one):
            found[one.customer] = upon[0].number if upon else 0
    return found


def lines(number: int, asked: Mapping[str, int]) -> Iterator[str]:
    """Yield a line for each customer that is to be decided on again."""
    for customer, run in asked.items():
        upon = f"upon run {run}, which said less" if run else "before any run showed it"
        yield f"! {customer} was decided on {upon}: tocsin incident decide {number} {customer} …"


def says_more(before: CustomerImpact | None, after: CustomerImpact) -> bool:
    """Return whether more may have been touched, or is surer to have been, than was said before."""
    if before is None or STRENGTH[after.reason] > STRENGTH[before.reason]:
        return True
    was = dict(_numbers(before))
    if any(_is_more(was.get(what, NOTHING), now) for what, now in _numbers(after)):
        return True
    known = {one.category: one for one in before.categories}
    return any(
        one.category not in known or _is_worse(known[one.category], one, before, after)
        for one in after.categories
    )


def _is_worse(
    was: CategoryImpact, now: CategoryImpact, before: CustomerImpact, after: CustomerImpact
) -> bool:
    """Return whether a category lies in more stores, met with more, or for a stronger reason."""
    stronger = STRENGTH[now.reason or after.reason] > STRENGTH[was.reason or before.reason]
    return stronger or not set(was.stores) >= set(now.stores) or bool(now.effects - was.effects)


def _numbers(one: CustomerImpact) -> Iterable[tuple[str, Range]]:
    yield "subjects", one.subjects
    for category in one.categories:
        yield f"{category.category}, records", category.records
        yield f"{category.category}, subjects", category.subjects


def _is_more(was: Range, now: Range) -> bool:
    if was.max is not None and (now.max is None or now.max > was.max):
        return True
    return now.min > was.min or (now.best or 0) > (was.best or 0)
