"""On whom a person has to decide again: a run says more than the one that was decided upon.

Pure. More is a surer standing; a higher least, likeliest or largest number of any category, or one
nobody can bound; a stronger reason, of the customer or of a category; a category, a store or an
effect that was not spoken of.

What a person waived is a decision like any other, whatever the reason: it was made upon facts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from incidents.impact import (
    CategoryImpact,
    CustomerImpact,
    ImpactRun,
    Range,
    Reason,
    Standing,
)
from incidents.obligations import NOTICE, OWN_FILING, POSSIBLE, Touched
from tocsin.model.categories import OPERATOR
from tocsin.model.instants import from_us

NOTHING = Range(0, None, 0, "")
STRENGTH = {reason: -place for place, reason in enumerate(Reason)}
"""Of reasons, whose strongest comes first."""
SURETY = {standing: -place for place, standing in enumerate(Standing)}
"""Of standings, whose surest comes first."""


class Again(NamedTuple):
    """What is asked again of a customer, because a run says more.

    Attributes:
        clause: What is owed again: a decision, or what was waived.
        upon: Number of the run that was decided upon; 0 where none was there.
        is_anew: That one did not confirm the customer.
    """

    clause: str
    upon: int
    is_anew: bool


def overtaken(
    made: ImpactRun,
    before: Sequence[ImpactRun],
    known: Mapping[str, Touched],
    waived: Mapping[tuple[str, str], datetime],
) -> dict[str, Again]:
    """Return the customers of which a run says more than what was decided or waived upon.

    Args:
        made: The run.
        before: The earlier runs of its incident, the first one first.
        known: What is known of its customers, and what was decided on them.
        waived: What stands waived, by clause and customer, and since when.
    """
    found = dict[str, Again]()
    for one in made.customers:
        if one.standing is Standing.EXCLUDED:
            continue
        last = _answered(one, known.get(one.customer), waived)
        if last is None:
            continue
        clause, at = last
        upon = [run for run in before if from_us(run.at) <= at][-1:]
        was = upon[0].of(one.customer) if upon else None
        if says_more(was, one):
            is_anew = was is None or was.standing is not Standing.CONFIRMED
            if clause == NOTICE and is_anew and one.standing is Standing.POSSIBLE:
                clause = POSSIBLE
            found[one.customer] = Again(clause, upon[0].number if upon else 0, is_anew)
    return found


def _answered(
    one: CustomerImpact, said: Touched | None, waived: Mapping[tuple[str, str], datetime]
) -> tuple[str, datetime] | None:
    """Return what was decided last about what a run shows of a customer, and when."""
    answers = list[tuple[str, datetime]]()
    if one.customer == OPERATOR:
        clauses = [OWN_FILING]
    elif one.standing is Standing.CONFIRMED:
        clauses = [NOTICE]
    else:
        clauses = [NOTICE, POSSIBLE]
        if said is not None and said.answered_at is not None and said.answer in ("wait", "exclude"):
            answers.append((POSSIBLE, said.answered_at))
    for clause in clauses:
        if (at := waived.get((clause, one.customer))) is not None:
            answers.append((clause, at))
    return max(answers, key=lambda each: each[1], default=None)


def lines(number: int, asked: Mapping[str, Again]) -> Iterator[str]:
    """Yield a line for each customer that is to be decided on again."""
    for customer, again in asked.items():
        upon = "before any run showed it"
        if again.upon:
            upon = f"upon run {again.upon}, which said less"
        if again.clause == NOTICE:
            yield (
                f"! notice to {customer} was waived {upon}; it is owed again: "
                f"tocsin notice preview {number} --customer {customer}"
            )
        elif again.clause == OWN_FILING:
            yield (
                f"! our own filing was waived {upon}; it is owed again: "
                f"tocsin incident filed {number} …"
            )
        else:
            how = f"tocsin incident decide {number} {customer} …"
            yield f"! {customer} was decided on {upon}: {how}"


def says_more(before: CustomerImpact | None, after: CustomerImpact) -> bool:
    """Return whether more may have been touched, or is surer to have been, than was said before."""
    if before is None or SURETY[after.standing] > SURETY[before.standing]:
        return True
    is_as_sure = after.standing is before.standing
    if is_as_sure and STRENGTH[after.reason] > STRENGTH[before.reason]:
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
