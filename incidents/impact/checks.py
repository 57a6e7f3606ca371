"""What would keep an impact run from saying whose data was touched: looked for before it is needed.

Of AWS's services only those that keep data are asked about, and of them what may show it; of
applications every action is.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from incidents.impact.copies import BUCKETS, COPIES, READ, place_of
from incidents.impact.unmapped import CLOUD, may_concern_data
from tocsin import datamap, registers
from tocsin.archive.archive import Archive
from tocsin.datamap import Matcher
from tocsin.model.categories import OPERATOR
from tocsin.model.events import Outcome
from tocsin.registers.checks import Gap, some


def unmapped(
    db: Connection, archive: Archive, *, since_us: int | None = None, until_us: int | None = None
) -> list[Gap]:
    """Return actions in the archive that happened and of which the data map says nothing.

    A copy counts twice, as in an impact run: as itself, and as a read of what it copied.

    Args:
        db: Any transaction.
        archive: Where the events are.
        since_us: Only events at or after this, µs since 1970 UTC.
        until_us: Only events before this.

    Raises:
        ArchiveError: A segment is missing or damaged.
    """
    matcher = Matcher(datamap.load(db).datamap)
    happened = (Outcome.SUCCESS, Outcome.UNKNOWN)
    fields = ("source", "service", "action", "resource")
    counted = partial(archive.tally, db, since_us=since_us, until_us=until_us)
    counts = counted(fields, where={"outcome": happened})
    missing, doubtful = dict[tuple[str, ...], int](), set[tuple[str, ...]]()
    for key, tally in counts.items():
        source, service, action, resource = key
        if not may_concern_data(source, service, action):
            continue
        known = matcher.knows(source, service, action, resource)
        if known is None:
            doubtful.add(key)
        elif not known:
            missing[(*key, "")] = tally.events
    if doubtful:
        names = zip(*doubtful, strict=True)
        where = dict(zip(fields, map(set, names), strict=True))
        objects = counted((*fields, "object"), where={**where, "outcome": happened})
        for (source, service, action, resource, name), tally in objects.items():
            key = (source, service, action, resource)
            if key in doubtful and not matcher.knows_object(*key, name):
                shape = (*key, _shape(name))
                missing[shape] = missing.get(shape, 0) + tally.events
    copied = {"source": (CLOUD,), "service": BUCKETS, "action": COPIES, "outcome": happened}
    for (word,), tally in counted(("copied_from",), where=copied).items():
        if (read := _unknown_read(matcher, word)) is not None:
            missing[read] = missing.get(read, 0) + tally.events
    return [_gap(key, events) for key, events in sorted(missing.items())]


def strangers(
    db: Connection, archive: Archive, *, since_us: int | None = None, until_us: int | None = None
) -> list[Gap]:
    """Return customers that logs name and no register knows; args as :func:`unmapped`."""
    counts = archive.tally(db, ("customer",), since_us=since_us, until_us=until_us)
    known = {*registers.customers(db), OPERATOR, ""}
    hint = "Import the customer with its contract and contacts, or correct the mapping of the log."
    return [
        Gap("customer", name, f"logs name customer {name} ({_times(events)})", hint)
        for name, events in sorted((key[0], tally.events) for key, tally in counts.items())
        if name not in known
    ]


def uncounted(db: Connection) -> list[Gap]:
    """Return stores of the data map of which the inventory counts nothing."""
    counted = {one.store for one in registers.inventory(db)}
    hint = "Count its records per customer and category and import the inventory."
    return [
        Gap("inventory", store.name, f"the inventory counts nothing of store {store.name}", hint)
        for store in datamap.load(db).datamap.store
        if store.name not in counted
    ]


def left_out(db: Connection, *, now: datetime) -> list[Gap]:
    """Return stores that the inventory counts, with the customers of whom it says nothing there.

    Customers under contract that it counts nowhere are :func:`tocsin.registers.checks.gaps`'s, and
    a store of nothing but the operator's own data has none to count.
    """
    of_map, places = datamap.load(db).datamap, dict[str, set[str]]()
    for one in registers.inventory(db):
        places.setdefault(one.store, set()).add(one.customer)
    somewhere = set().union(*places.values())
    bound = [one.id for one in registers.customers(db).values() if one.contract.runs_on(now.date())]
    hint = "Count each in every store, 0 where it has nothing: what is left out is not ruled out."
    found = list[Gap]()
    for store in sorted((of_map.stores().keys() - of_map.of_operator()) & places.keys()):
        missing = [one for one in bound if one in somewhere and one not in places[store]]
        if missing:
            text = f"the inventory of store {store} says nothing of {some(missing)}"
            found.append(Gap("inventory", store, text, hint))
    return found


def mislaid(db: Connection) -> list[Gap]:
    """Return what the inventory counts where the data map has no such store, or no such data in it.

    Such a count bounds nothing: a misspelt name is as good as none.
    """
    held, source = datamap.load(db), registers.origin(db, "inventory")
    counted = {one.store for one in registers.inventory(db)}
    which = "and there is no data map"
    if held.number:
        which = f"which version {held.number} of the data map does not have"
    of = f", version {source.number} ({source.source})," if source else ""
    hint = "Correct its name in the inventory, or add the store to the data map, and import that."
    stores = held.datamap.stores()
    found = [
        Gap("inventory", store, f"the inventory{of} counts store {store}, {which}", hint)
        for store in sorted(counted - stores.keys())
    ]
    elsewhere = {
        (one.store, one.category)
        for one in registers.inventory(db)
        if one.store in stores and one.category not in stores[one.store].categories
    }
    for store, category in sorted(elsewhere):
        holds = ", ".join(stores[store].categories)
        text = f"the inventory{of} counts {category} in store {store}, which holds {holds}"
        hint = "Correct the category in the inventory, or add it to the store in the data map."
        found.append(Gap("inventory", store, text, hint))
    return found


def unlogged(db: Connection) -> list[Gap]:
    """Return stores of the data map whose reads nobody logs."""
    hint = "Switch on logs of its reads; until then nobody can say that it was not accessed."
    return [
        Gap("store", store.name, f"reads of store {store.name} are not logged", hint)
        for store in datamap.load(db).datamap.store
        if not store.reads_logged_by
    ]


def _unknown_read(matcher: Matcher, copied_from: str) -> tuple[str, ...] | None:
    """Return what a copy read, as what objects of its kind have in common; None: it is known."""
    service, resource, name = place_of(copied_from)
    key = (CLOUD, service, READ, resource)
    known = matcher.knows(*key)
    if known or (known is None and matcher.knows_object(*key, name)):
        return None
    return (*key, "" if known is False else _shape(name))


def _gap(key: Iterable[str], events: int) -> Gap:
    source, service, action, resource, shape = key
    place = "/".join(part for part in (resource, shape) if part)
    where = f"on {place}" if place else "which named no resource"
    of = f" of service {service}" if service != source else ""
    return Gap(
        "action",
        f"{source} {service} {action}",
        f"the data map says nothing of action {action}{of} in source {source}, {where} "
        f"({_times(events)})",
        'Add it to the data map: which store it touches, or effect = "none" and why.',
    )


def _times(events: int) -> str:
    return f"{events:,} event{'' if events == 1 else 's'}"


def _shape(name: str) -> str:
    """Return what objects of one kind have in common, without what may be a person's."""
    first, slash, _ = name.partition("/")
    return re.sub(r"\d", "#", first) + ("/…" if slash else "") if slash else "…"
