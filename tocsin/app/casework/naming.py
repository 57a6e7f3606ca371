"""Everybody's names, as the registers and the configuration have them: what no other may read."""

from collections.abc import Iterator

from sqlalchemy import Connection

from incidents.disclosure import Names, registered
from tocsin import registers
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.settings import OperatorSettings
from tocsin.app.config import Config

_OF_ANYTHING = frozenset({"id", "uid", "name", "value"})
"""Fields that hold something else elsewhere in the same record."""


def names(desk: Desk, db: Connection) -> Names:
    """Return everybody's words, ready to be looked for."""
    return registered(
        registers.customers(db).values(),
        registers.staff(db).values(),
        _ours(desk.config.operator),
        frozenset(_fields(desk.config)),
    )


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
