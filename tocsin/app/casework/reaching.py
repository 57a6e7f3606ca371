"""Which notices of an incident reached whom, as far as is known, and which still wait."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Connection

from incidents import notices
from incidents.documents import Told
from incidents.notices.coded import WITHDRAWN, Coded, coded
from notifiers import outbox
from notifiers.base import Purpose

MAY_HAVE_ARRIVED = (*outbox.LEFT, "unknown")


def reached(db: Connection, number: int) -> dict[tuple[str, int], datetime]:
    """Return the notices that may have reached somebody, and when each was handed over.

    By customer and version. One that was cancelled, failed, came back or still waits has reached
    nobody.
    """
    handed = {
        (one.customer, one.version): one.handed_over_at
        for one in notices.status(db, number)
        if one.handed_over_at is not None
    }
    of = [(one.customer, one.version) for one, _ in _carried(db, number, MAY_HAVE_ARRIVED)]
    return {one: handed[one] for one in of}


def under_way(db: Connection, number: int) -> set[tuple[str, int]]:
    """Return the notices that wait to be sent, or sent again, by customer and version."""
    return {(one.customer, one.version) for one, _ in _carried(db, number, ("waiting",))}


def told_first(db: Connection, number: int) -> dict[str, Told]:
    """Return the notice that told each customer first: it went out, and did not come back.

    One of which nobody knows whether it went out has told nobody yet: what comes after it counts.
    """
    found = dict[str, Told]()
    for one, key in _carried(db, number, outbox.LEFT):
        at, before = outbox.left_at(db, key), found.get(one.customer)
        if one.status == WITHDRAWN:
            continue
        if at is not None and (before is None or at < before.at):
            found[one.customer] = Told(version=one.version, at=at, status=one.status)
    return found


def told_last(db: Connection, number: int) -> dict[str, Told]:
    """Return the last notice that reached each customer: it went out, and did not come back."""
    found = dict[str, Told]()
    for one, key in _carried(db, number, outbox.LEFT):
        at, before = outbox.left_at(db, key), found.get(one.customer)
        if at is not None and (before is None or before.version < one.version):
            found[one.customer] = Told(version=one.version, at=at, status=one.status)
    return found


def withdrawn_under_way(db: Connection, number: int) -> frozenset[str]:
    """Return the customers for whom a withdrawal waits to be sent, or sent again."""
    waits = ("waiting", "unknown")
    found = _carried(db, number, waits)
    return frozenset(one.customer for one, _ in found if one.status == WITHDRAWN)


def _carried(db: Connection, number: int, words: Collection[str]) -> Iterator[tuple[Coded, str]]:
    """Yield the notices of an incident, each with the key of a mail that stands like this."""
    codes = defaultdict[str, list[Coded]](list)
    for each in coded(db):
        if each.incident == number:
            codes[each.customer].append(each)
    for standing in outbox.standings(db, incident=number):
        if standing.purpose == Purpose.NOTICE and standing.word in words:
            text = outbox.message(db, standing.key).body_text
            its = codes[standing.customer]
            yield from ((one, standing.key) for one in its if one.code in text)
