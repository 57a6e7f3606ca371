"""Everybody's names, as registers, configuration and impact runs have them: what no other may read.

An impact run knows customers that no register does, by their ids.
"""

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, select

from incidents import impact, obligations
from incidents.disclosure import Mention, Names, allowances, registered, telling, without_form
from incidents.documents import NoticeFacts, WithdrawalFacts, fixed
from incidents.impact import Reason, Standing
from incidents.notices import Manifest
from incidents.notices.tables import manifest
from incidents.obligations import NOTICE, POSSIBLE
from incidents.obligations.law import DECISION, IMPACT, OWN_FILING, STRICT
from notifiers import outbox
from notifiers.base import Channel, Purpose
from notifiers.speech import WORDS as SPOKEN
from tocsin import datamap, registers
from tocsin.app.casework import people
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.settings import OperatorSettings
from tocsin.app.config import Config
from tocsin.ledger.kinds import KINDS
from tocsin.model.categories import OPERATOR, Category
from tocsin.model.principals import SERVICE
from tocsin.store.cases import incidents as stored

_LITERAL = re.compile(r"[\w.-]+(?:\|[\w.-]+)*")
"""A regular expression that is nothing but names."""

_OF_ANYTHING = frozenset({"id", "uid", "name", "value"})
"""Fields that hold something else elsewhere in the same record."""

_PHRASES = (
    *("finding", "Events of the attack touched", "Data of this customer in"),
    *("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"),
)
"""How sentences of ours begin; what a key is between."""

_INDEXED = "notices, impact: eml, html, json, pdf, txt, xml; attempt by email, by phone; rendered"
"""What the list of a bundle's letters says of each."""

_CLAUSES = (NOTICE, OWN_FILING, POSSIBLE, DECISION, STRICT, IMPACT)


def names(desk: Desk, db: Connection, incident: int) -> Names:
    """Return everybody's words, ready to be looked for in what is said of an incident."""
    known = registers.customers(db)
    return registered(
        known.values(),
        registers.staff(db).values(),
        _ours(desk.config.operator),
        frozenset(_fields(desk.config)),
        sorted({*_of_runs(db)} - {*known, OPERATOR}),
        labels=_labels(desk.config, db),
        codes=_codes(db, incident),
        allowed=_allowed(db, incident),
        fixed=_fixed(known.values()),
    )


def telling_labels(desk: Desk, db: Connection) -> Iterator[Mention]:
    """Yield the words of customers and colleagues in what we call stores, buckets and sources."""
    known = registers.customers(db)
    everybody = registered(
        known.values(), registers.staff(db).values(), _ours(desk.config.operator)
    )
    for label in dict.fromkeys(_labels(desk.config, db)):
        if (found := telling(label, everybody)) is not None:
            yield found._replace(where=label)


def _codes(db: Connection, incident: int) -> Iterator[str]:
    """Yield what we call kinds of entries, facts, duties, messages, files and ourselves."""
    yield from (
        *KINDS,
        *NoticeFacts.model_fields,
        *WithdrawalFacts.model_fields,
        *_CLAUSES,
        str(SERVICE),
    )
    yield from (one.value for kinds in (Reason, Standing, Purpose, Channel) for one in kinds)
    yield from _PHRASES
    for one in outbox.standings(db, incident=incident):
        yield one.key
    for body in db.scalars(select(manifest.c.body).where(manifest.c.incident == incident)):
        for made in Manifest.parse(body).notices:
            yield from made.files


def _fixed(known: Iterable[registers.Customer]) -> Iterator[str]:
    """Yield our own words in letters and calls."""
    yield from fixed(one.time_zone for one in known)
    yield _INDEXED
    for words in SPOKEN.values():
        yield from words


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
