"""Customers that an incident touches and no register knows: said wherever somebody would miss them.

A log names whom it likes. Nobody can be notified whose contract and contacts are not there, so a
person imports the customer, or says with reasons that it is none.
"""

from collections.abc import Iterable, Iterator, Mapping

from incidents.impact import ImpactRun, Standing
from incidents.obligations import NOTICE, POSSIBLE, Obligation
from tocsin.model.categories import OPERATOR

IMPORT = "tocsin customer import FILE"


def of_run(run: ImpactRun, known: Iterable[str]) -> Iterator[str]:
    """Yield a line for each customer that a run shows and no register knows.

    Args:
        run: The run.
        known: Ids in the register as it is now.
    """
    there = {*known, OPERATOR}
    for one in run.customers:
        if one.standing is not Standing.EXCLUDED and one.customer not in there:
            yield _line(one.customer, str(one.standing))


def of_owed(owed: Iterable[Obligation], known: Iterable[str] | None = None) -> Iterator[str]:
    """Yield a line for each customer that no register knows and something is still owed about.

    Args:
        owed: What is owed.
        known: Ids in the register as it is now; None: as it was when their clocks began.
    """
    there = None if known is None else set(known)
    for one in owed:
        unknown = one.is_unregistered if there is None else one.customer not in there
        if unknown and one.is_open and one.clause in (NOTICE, POSSIBLE):
            yield _line(one.customer, "owed a notice" if one.clause == NOTICE else "possible")


def missing(owed: Iterable[Obligation], known: Iterable[str]) -> list[str]:
    """Return the customers about whom something is owed and whom no register knows by now."""
    there = set(known)
    return sorted(
        {
            one.customer
            for one in owed
            if one.is_open and one.clause in (NOTICE, POSSIBLE) and one.customer not in there
        }
    )


def settled_by(ids: Iterable[str]) -> Iterator[str]:
    """Yield the command that makes them known, once."""
    if said := ", ".join(ids):
        yield f"{IMPORT}   (no register knows {said})"


def chosen(owed: Iterable[str], known: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """Return whom of those a notice is owed to can be notified, and whom no register knows."""
    ids = list(owed)
    return [one for one in ids if one in known], [one for one in ids if one not in known]


def refusal(ids: Iterable[str]) -> tuple[str, str]:
    """Return why there is no notice for these, and what to do."""
    return (
        f"no register knows {', '.join(ids)}: there is no contract and nobody to notify",
        f"Add it to your customers and contacts (docs/REGISTERS.md), then: {IMPORT}",
    )


def _line(customer: str, standing: str) -> str:
    return (
        f"! {customer} is {standing}, and no register knows it: it cannot be notified. Add it to "
        f"your customers and contacts, then: {IMPORT}"
    )
