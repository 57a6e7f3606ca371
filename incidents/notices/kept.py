"""What was previewed, read again: the facts that each notice of a manifest was made from."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from incidents.documents import NoticeFacts
from incidents.notices.manifest import Manifest
from incidents.notices.naming import written
from incidents.notices.tables import notice


def facts_of(db: Connection, made: Manifest) -> list[NoticeFacts]:
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
    return [NoticeFacts.model_validate_json(kept[one.customer]) for one in made.notices]


def written_in(db: Connection, incident: int, customer: str) -> Iterator[tuple[str, str, str]]:
    """Yield all that people and logs wrote in one customer's notices: place, field and text.

    Args:
        db: A transaction.
        incident: Number.
        customer: Id.
    """
    n = notice.c
    rows = db.scalars(select(n.facts).where(n.incident == incident, n.customer == customer))
    for facts in rows:
        yield from written(NoticeFacts.model_validate_json(facts))
