"""What of an incident's notices can be approved or sent as it stands, and who is owed an update.

It asks what ``approve`` and ``send`` ask, so that no command is named that would be refused.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from incidents import notices
from incidents.documents import Facts, NoticeFacts, WithdrawalFacts, Words
from incidents.notices import NoticeState
from incidents.notices.kept import handed_over
from tocsin.app.casework import letters, reaching, sending, withdrawing
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.known import told, world
from tocsin.app.casework.withdrawing import Withdrawal
from tocsin.errors import TocsinError


class Outlook(NamedTuple):
    """How the notices of an incident stand beside what is known now.

    Attributes:
        ready: Manifests that a person can say yes to, or that can be sent: by SHA-256, the command.
        waiting: Customers whose notice stands in one of those.
        owed: Customers that are owed an update, and why, in words.
        unsaid: Those of them of whom nobody has said yet what is new: no update can be rendered.
        untold: Customers that were told of a breach, and not yet that for them there is none.
        unexplained: Those of them of whom nobody has said yet why.
    """

    ready: Mapping[str, str] = {}
    waiting: frozenset[str] = frozenset()
    owed: Mapping[str, str] = {}
    unsaid: frozenset[str] = frozenset()
    untold: Mapping[str, Withdrawal] = {}
    unexplained: frozenset[str] = frozenset()


NOTHING = Outlook()


def outlook(desk: Desk, db: Connection, number: int, *, now: datetime) -> Outlook:
    """Return how the notices of an incident stand.

    Args:
        desk: The desk.
        db: A transaction.
        number: Of the incident.
        now: When it is asked: what is late by now lacks its reason.
    """
    found = notices.status(db, number)
    unsent = {one.manifest: one for one in found if one.handed_over_at is None}
    ready = {
        one.manifest: _command(desk, one)
        for one in unsent.values()
        if sending.holds(desk, db, one.manifest, now=now)
    }
    waiting = {one.customer for one in found if one.manifest in ready and not one.handed_over_at}
    owed, unsaid = dict[str, str](), set[str]()
    untold = withdrawing.untold(db, number) if found else {}
    for said, following in _told(desk, db, number, untold, now=now) if found else ():
        if why := _why(said, following, now):
            owed[said.customer.id] = why
            unsaid |= {said.customer.id} if following.changes == Words() else set()
    unexplained = withdrawing.unexplained(db, number, untold)
    return Outlook(ready, frozenset(waiting), owed, frozenset(unsaid), untold, unexplained)


def _command(desk: Desk, one: NoticeState) -> str:
    if len(one.approved_by) < desk.config.notifiers.approvers:
        others = ", ".join(one.approved_by)
        second = f"   (another person than {others})" if others else ""
        return f"tocsin notice approve {one.manifest}{second}"
    if not letters.has_mail(desk):
        return "tocsin check   (no channel for e-mail: what is approved cannot be sent)"
    return f"tocsin notice send {one.manifest}"


def _why(said: Facts, following: NoticeFacts, now: datetime) -> str:
    if isinstance(said, WithdrawalFacts):
        return "the notice before says that there was no breach of its data"
    if facts := notices.changed(said, following):
        return f"the notice before says otherwise of {', '.join(facts)}"
    promised = said.next_update_at
    if said.kind != "final" and promised.state == "known" and promised.value <= now:
        return f"the notice before promised it by {promised.value:%Y-%m-%dT%H:%MZ}"
    return ""


def _told(
    desk: Desk, db: Connection, number: int, untold: Collection[str], *, now: datetime
) -> Iterator[tuple[Facts, NoticeFacts]]:
    """Yield of each customer that was told what its last notice says, and what the next would.

    One that is on its way after another that arrived counts as told. Who is untold that there was
    no breach is not brought up to date: it is told that.
    """
    reached = reaching.reached(db, number)
    last, customers = dict[str, int](), {customer for customer, _ in reached}
    for customer, version in (*reached, *reaching.under_way(db, number)):
        last[customer] = max(version, last.get(customer, 0))
    try:
        known = world(desk, db, number)
        customers -= set(untold)
        still = [one for one in told(known) if one in customers and one in known.customers]
        following = letters.addressed(db, known, still, now=now) if still else []
    except TocsinError:  # what is told next cannot be known: the commands that need it say why
        return
    for letter in following:
        customer = letter.facts.customer.id
        said = handed_over(db, number, customer, last[customer])
        if said is not None and isinstance(letter.facts, NoticeFacts):
            yield said, letter.facts
