"""Everybody's names, as the registers and the configuration have them: what no other may read."""

import re
from collections.abc import Iterator

from sqlalchemy import Connection

from incidents.disclosure import Names, allowances, registered, without_form
from tocsin import datamap, registers
from tocsin.app.casework import people
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.settings import OperatorSettings
from tocsin.app.config import Config
from tocsin.model.categories import Category

_LITERAL = re.compile(r"[\w.-]+(?:\|[\w.-]+)*")
"""A regular expression that is nothing but names."""

_OF_ANYTHING = frozenset({"id", "uid", "name", "value"})
"""Fields that hold something else elsewhere in the same record."""


def names(desk: Desk, db: Connection, incident: int) -> Names:
    """Return everybody's words, ready to be looked for in what is said of an incident."""
    return registered(
        registers.customers(db).values(),
        registers.staff(db).values(),
        _ours(desk.config.operator),
        frozenset(_fields(desk.config)),
        labels=_labels(desk.config, db),
        allowed=_allowed(db, incident),
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
    yield from (operator.name, without_form(operator.name), operator.address, operator.location)
    for contact in (operator.contact, operator.dpo):
        if contact:
            yield from (contact.name, contact.email, contact.phone)


def _labels(config: Config, db: Connection) -> Iterator[str]:
    """Yield what we call stores, buckets, sources and kinds of data."""
    yield from Category
    yield from config.source
    data_map = datamap.load(db).datamap
    for store in data_map.stores().values():
        yield from (store.name, *store.title.values())
    for action in data_map.action:
        if action.resource and _LITERAL.fullmatch(action.resource):
            yield from action.resource.split("|")


def _allowed(db: Connection, incident: int) -> Iterator[str]:
    """Yield what any customer of an incident may read: a person said so, or named a party."""
    for one in allowances(db, incident):
        yield one.word
    for party in people.given(db, incident).facts.parties:
        yield party.name
        if "@" in party.contact and " " not in party.contact:
            yield party.contact
