"""Which notices of an incident reached whom, as far as is known, and which still wait."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from incidents import notices
from incidents.documents import Told
from incidents.notices.coded import WITHDRAWN, Coded, coded
from notifiers import outbox
from notifiers.base import Purpose
from notifiers.outbox import Standing

WAITS = ("waiting", "unknown")
"""How a message stands that is tried, or tried again."""


def reached(db: Connection, number: int) -> dict[tuple[str, int], datetime]:
    """Return the notices that may have reached somebody, and when each was handed over.

    By customer and version. One that never left, failed or came back has reached nobody.
    """
    handed = {
        (one.customer, one.version): one.handed_over_at
        for one in notices.status(db, number)
        if one.handed_over_at is not None
    }
    of = [
        (one.customer, one.version)
        for one, mail in _carried(db, number)
        if outbox.may_have_left_at(db, mail.key) is not None
    ]
    return {one: handed[one] for one in of}


def under_way(db: Connection, number: int) -> set[tuple[str, int]]:
    """Return the notices that wait to be sent, or sent again, by customer and version."""
    found = _carried(db, number)
    return {(one.customer, one.version) for one, mail in found if mail.word == "waiting"}


def told_first(db: Connection, number: int) -> dict[str, Told]:
    """Return the notice that told each customer first: it went out, and did not come back.

    One of which nobody knows whether it went out has told nobody yet: what comes after it counts.
    """
    found = dict[str, Told]()
    for one, mail in _carried(db, number):
        at, before = outbox.left_at(db, mail.key), found.get(one.customer)
        if one.status == WITHDRAWN:
            continue
        if at is not None and (before is None or at < before.at):
            found[one.customer] = Told(version=one.version, at=at, status=one.status)
    return found


def told_last(db: Connection, number: int) -> dict[str, Told]:
    """Return the last notice of each customer that went out, or may have, and did not come back.

    One of which nobody knows whether it went out may have told its customer: to take it back, it
    counts.
    """
    found = dict[str, Told]()
    for one, mail in _carried(db, number):
        at, before = outbox.may_have_left_at(db, mail.key), found.get(one.customer)
        if at is not None and (before is None or before.version < one.version):
            found[one.customer] = Told(version=one.version, at=at, status=one.status)
    return found


def withdrawn_under_way(db: Connection, number: int) -> frozenset[str]:
    """Return the customers for whom a withdrawal waits to be sent, or sent again."""
    found = _carried(db, number)
    return frozenset(
        one.customer for one, mail in found if one.status == WITHDRAWN and mail.word in WAITS
    )


def _carried(db: Connection, number: int) -> Iterator[tuple[Coded, Standing]]:
    """Yield the notices of an incident, each with the standing of a mail that carries it."""
    codes = defaultdict[str, list[Coded]](list)
    for each in coded(db):
        if each.incident == number:
            codes[each.customer].append(each)
    for standing in outbox.standings(db, incident=number):
        if standing.purpose == Purpose.NOTICE:
            text = outbox.message(db, standing.key).body_text
            its = codes[standing.customer]
            yield from ((one, standing) for one in its if one.code in text)
