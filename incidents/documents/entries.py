"""One fact as an entry of the union schema: a value for machines, a text for people, how sure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from incidents.documents.about_breach import amount, known
from incidents.documents.blocks import Block, Items, Para, Rows
from incidents.documents.breach import Range
from incidents.documents.fact import Known, Missing, NotYet
from incidents.documents.speech import Speech
from incidents.documents.union import Entry, stamp


def entry(
    fact: Known[Any] | NotYet | Missing,
    value: Any,
    text: str,
    *,
    theirs: bool = False,
    suggested: bool = False,
    possible: bool = False,
) -> Entry:
    """Return a fact as an entry.

    Args:
        fact: Where it comes from; a missing one keeps a document from being made at all.
        value: As JSON.
        text: The same for people.
        theirs: The controller must confirm it.
        suggested: Ours to suggest, the controller's to decide.
        possible: It is not sure that it is so.
    """
    assert not isinstance(fact, Missing)
    if isinstance(fact, NotYet):
        return Entry(None, text, fact.source, "not_yet", "nobody")
    return Entry(
        value,
        text,
        fact.source,
        "suggested" if suggested else "possible" if possible else "certain",
        "controller" if theirs or suggested else "nobody",
        fact.confirmed_at,
    )


def instant(fact: Known[Any] | NotYet | Missing, at: datetime | None, t: Speech) -> Entry:
    """Return an instant as an entry; None has neither value nor text."""
    return entry(fact, stamp(at) if at else None, t.instant(at) if at else "")


def count(
    key: str, fact: Known[Range] | NotYet | Missing, unit: str, t: Speech
) -> dict[str, Entry]:
    """Return a number and its range as the three entries that forms ask for.

    Args:
        key: Of the number; ``.mode`` and ``.best`` stand beside it.
        fact: The number.
        unit: What is counted, as ``speech`` has it.
        t: The language.
    """
    value = known(fact)
    text = t.sentence(amount(value, unit, t))
    exact = value is not None and value.least == value.most
    mode = "exact" if exact else "approx"
    entries = {
        f"{key}.mode": entry(fact, mode if value else "tbd", text),
        key: entry(fact, bounds(value), text),
        f"{key}.best": entry(fact, value.best if value else None, text),
    }
    return {
        name: each._replace(confidence="range") if value and not exact else each
        for name, each in entries.items()
    }


def bounds(value: Range | None) -> dict[str, Any] | None:
    """Return a range as JSON; None where nothing is known."""
    if value is None:
        return None
    as_of = value.as_of.isoformat() if value.as_of else None
    return {
        "min": value.least,
        "best": value.best,
        "max": value.most,
        "min_by": value.least_by,
        "best_by": value.best_by,
        "max_by": value.most_by,
        "as_of": as_of,
    }


def labelled(blocks: Iterable[Block]) -> Iterable[tuple[str, str]]:
    """Return labels with what stands beside each, of all rows among blocks."""
    return (row for block in blocks if isinstance(block, Rows) for row in block.rows)


def texts(blocks: Iterable[Block], rows: int | None = None) -> str:
    """Return what blocks say, in one line; of labelled rows the first ``rows``."""
    found: list[str] = []
    for block in blocks:
        if isinstance(block, Para):
            found.append(block.text)
        elif isinstance(block, Items):
            found += block.items
        elif isinstance(block, Rows):
            found += [text for _, text in block.rows[:rows]]
    return " ".join(found)
