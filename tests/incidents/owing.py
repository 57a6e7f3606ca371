"""What tests of obligations share: duties, a breach, what is owed for it, news of a notice."""

from datetime import datetime

from sqlalchemy import Connection

from incidents.assessment import confirm
from incidents.obligations import (
    NOTICE,
    Duties,
    Obligation,
    ObligationSettings,
    Receipt,
    Terms,
    follow,
    load_law,
    take_count,
    take_receipt,
)
from tests.incidents.cases import ALICE, AWARE, NOW, reported
from tocsin.store import Store

TERMS = {"acme": Terms(48), "globex": Terms(24), "eire": Terms(48, in_writing=True)}
DUTIES = Duties(load_law(), TERMS)
NOT_CONTROLLER = DUTIES._replace(settings=ObligationSettings(operator_is_controller=False))


def owed(db: Connection, number: int, now: datetime = NOW) -> dict[tuple[str, str], Obligation]:
    return {(o.clause, o.customer): o for o in follow(db, number, DUTIES, now=now)}


def breach(
    store: Store,
    *customers: str,
    aware_at: datetime = AWARE,
    counted: bool = True,
    now: datetime = NOW,
) -> int:
    number = reported(store, now=now)
    with store.begin() as db:
        follow(db, number, DUTIES, now=now)
        if counted:
            take_count(db, number, 1, now, principal=ALICE, now=now)
        confirm(
            db,
            number,
            aware_at=aware_at,
            why="seen",
            customers=customers,
            principal=ALICE,
            now=now,
        )
        follow(db, number, DUTIES, now=now)
    return number


def receipt(kind: str, when: datetime = NOW, key: str = "n1/1", channel: str = "email") -> Receipt:
    return Receipt(kind=kind, at=when, key=key, channel=channel)


def told(
    store: Store, number: int, news: Receipt, now: datetime = NOW, customer: str = "acme"
) -> Obligation:
    with store.begin() as db:
        return take_receipt(db, number, NOTICE, customer, news, now=now)
