"""What was previewed, read again: the facts that each notice of a manifest was made from."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, select

from incidents.documents import Facts, read
from incidents.notices.manifest import Manifest
from incidents.notices.naming import OURS, written
from incidents.notices.tables import notice
from tocsin.ledger import Checkpoint


def facts_of(db: Connection, made: Manifest) -> list[Facts]:
    """Return the facts of a manifest's notices, in its order.

    Args:
        db: A transaction.
        made: As it was previewed by this version of the program.
    """
    n = notice.c
    rows = db.execute(
        select(n.customer, n.facts).where(n.manifest == made.sha256).order_by(n.render)
    )
    kept = {row.customer: row.facts for row in rows}
    return [read(kept[one.customer]) for one in made.notices]


def handed_over(db: Connection, incident: int, customer: str, version: int) -> Facts | None:
    """Return the facts of a notice as it was handed over.

    Returns:
        None where it was not, or another version of this program kept what this one cannot read.
    """
    n = notice.c
    stored = db.scalar(
        select(n.facts)
        .where(n.incident == incident, n.customer == customer, n.version == version)
        .where(n.handed_over_at.is_not(None))
        .order_by(n.render.desc())
        .limit(1)
    )
    try:
        return None if stored is None else read(stored)
    except ValidationError:
        return None


def named(db: Connection, incident: int, customer: str = "") -> Iterator[Checkpoint]:
    """Yield the states of the ledger that notices named, as they were handed over.

    Args:
        db: A transaction.
        incident: Number.
        customer: Id; "" for all of them.
    """
    n = notice.c
    query = select(n.facts).where(n.incident == incident, n.handed_over_at.is_not(None))
    if customer:
        query = query.where(n.customer == customer)
    for facts in db.scalars(query):
        state = json.loads(facts).get("checkpoint")  # every version of this program keeps it so
        if state is not None:
            yield Checkpoint(state["number"], state["entry_hash"])


def written_in(db: Connection, incident: int, customer: str) -> Iterator[tuple[str, str, str]]:
    """Yield all that people and logs wrote in one customer's notices: place, field and text.

    Of facts that another version of this program kept, and this one cannot read, each text counts
    as written: rather a word too many is looked at than one too few.

    Args:
        db: A transaction.
        incident: Number.
        customer: Id.
    """
    n = notice.c
    rows = db.scalars(select(n.facts).where(n.incident == incident, n.customer == customer))
    for facts in rows:
        try:
            said = read(facts)
        except ValidationError:
            for name, part in json.loads(facts).items():
                if name not in OURS:
                    yield from ((name, "", text) for text in _texts(part))
            continue
        yield from written(said)


def _texts(part: Any) -> Iterator[str]:
    """Yield the texts in a JSON value; the names of its members are none."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list):
        for one in part.values() if isinstance(part, dict) else part:
            yield from _texts(one)
