"""Everybody's names, as registers, configuration and impact runs have them: what no other may read.

An impact run knows customers that no register does, by their ids.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from incidents import impact, obligations
from incidents.disclosure import Names, registered
from incidents.obligations import NOTICE, POSSIBLE
from tocsin import registers
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.settings import OperatorSettings
from tocsin.app.config import Config
from tocsin.model.categories import OPERATOR
from tocsin.store.cases import incidents as stored

_OF_ANYTHING = frozenset({"id", "uid", "name", "value"})
"""Fields that hold something else elsewhere in the same record."""


def names(desk: Desk, db: Connection) -> Names:
    """Return everybody's words, ready to be looked for."""
    known = registers.customers(db)
    return registered(
        known.values(),
        registers.staff(db).values(),
        _ours(desk.config.operator),
        frozenset(_fields(desk.config)),
        sorted({*_of_runs(db)} - {*known, OPERATOR}),
    )


def _of_runs(db: Connection) -> Iterator[str]:
    """Yield the ids of whom impact runs speak, or an obligation is about."""
    for one in stored(db):
        last = impact.last(db, one.number)
        yield from (each.customer for each in last.customers) if last is not None else ()
    for clause in (NOTICE, POSSIBLE):
        yield from (one.customer for one in obligations.of_clause(db, clause))


def _fields(config: Config) -> Iterator[str]:
    """Yield the fields of application logs that hold ids of customers and people, or paths."""
    for source in config.source.values():
        for mapping in source.mappings:
            paths = mapping.paths()
            for field in ("actor", "customer", "object", "resource"):
                for path in paths.get(field, ()):
                    last = path.rpartition(".")[2]
                    if last not in _OF_ANYTHING:
                        yield last


def _ours(operator: OperatorSettings) -> Iterator[str]:
    """Yield what documents say of us: any customer may read it."""
    yield from (operator.name, operator.address, operator.location)
    for contact in (operator.contact, operator.dpo):
        if contact:
            yield from (contact.name, contact.email, contact.phone)
