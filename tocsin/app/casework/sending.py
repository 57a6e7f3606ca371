"""Commands on notices: preview, approve, send, and how their messages stand.

Each takes who asks and ``now``, works in one transaction, and leaves everything as it was when it
refuses.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from incidents import assessment, notices, obligations
from incidents.notices import Addressed, Approval, Manifest
from incidents.obligations import NOTICE
from notifiers import outbox
from notifiers.base import Purpose
from tocsin import registers
from tocsin.app.casework import (
    allowing,
    duties,
    letters,
    people,
    recalling,
    signing,
    unregistered,
    withdrawing,
)
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.known import told, world
from tocsin.app.casework.naming import names
from tocsin.errors import Refusal, TocsinError
from tocsin.model.principals import Principal
from tocsin.paths import make_private


def preview(
    desk: Desk,
    number: int,
    folder: Path | None,
    *,
    customers: Sequence[str] = (),
    allow: Sequence[str] = (),
    why: str = "",
    principal: Principal,
    now: datetime,
) -> Manifest:
    """Render the notices of an incident, keep the bytes, and write them out to be looked at.

    What is allowed is written down first, and stays though the preview is refused for another word.

    Args:
        desk: The desk.
        number: Of the incident.
        folder: Where the files are written, one folder a customer; None writes none.
        customers: Only these; () for all to whom a notice is owed.
        allow: Words that any customer of the incident may read from now on, though they are
            somebody's.
        why: On what ground.
        principal: Who asks.
        now: When.

    Raises:
        MissingFacts: Facts are missing; all are named, and no notice was changed.
        Refusal: There is nothing to render, a notice would name another customer or a colleague,
            or what is allowed is nobody's word or has no reason; no notice was changed.
    """
    allowing.allow(desk, number, allow, why, principal=principal, now=now)
    with desk.store.begin() as db:
        signing.name_key(desk, db, now)
        found = _letters(desk, db, number, customers, now=now)
        made = notices.preview(
            db, found, names=names(desk, db, number), principal=principal, now=now
        )
        files = {
            (one.customer, name): notices.file_of(db, digest)
            for one in made.notices
            for name, digest in one.files.items()
        }
    if folder is not None:
        for (customer, name), content in files.items():
            path = folder / customer / name
            make_private(path.parent)
            path.write_bytes(content)
    return made


def warnings(desk: Desk, number: int) -> list[str]:
    """Return what will not happen when the notices of an incident are sent, a line each."""
    with desk.store.read() as db:
        owed, known = obligations.obligations(db, number), registers.customers(db)
    return [*unregistered.of_owed(owed, known), *letters.warnings(desk), *signing.warnings(desk)]


def approve(desk: Desk, sha256: str, *, principal: Principal, now: datetime) -> Approval:
    """Say yes to exactly these bytes and recipients.

    Raises:
        Refusal: It may not be approved by this person, or something changed since it was rendered,
            so that it could not be sent; nothing was changed.
    """
    with desk.store.begin() as db:
        given = notices.approve(db, sha256, principal=principal, now=now)
        made, found = _current(desk, db, sha256, now=now)
        notices.unchanged(db, made, found, now=now)
        return given


def holds(desk: Desk, db: Connection, sha256: str, *, now: datetime) -> bool:
    """Return whether a manifest could be approved, or sent when it is."""
    try:
        made, found = _current(desk, db, sha256, now=now)
        notices.unchanged(db, made, found, now=now)
    except TocsinError:  # refused, or what it says cannot be known now
        return False
    return True


def send(desk: Desk, sha256: str, *, principal: Principal, now: datetime) -> list[str]:
    """Put approved notices into the outbox, a call beside each: decided in one transaction.

    The ledger is signed in it, so that no entry up to here can be cut off unseen; where it cannot
    be, they go out all the same, and ``signing.warnings`` says so.

    What waits of earlier notices to the same customers is taken back: these take its place. Where
    no phone is configured, no call is put there. A call is held until a mail of its notice
    was accepted, but not longer than half of the time that is left.

    Returns:
        Keys of the messages.

    Raises:
        Refusal: Not approved by enough people, something changed since, or no channel carries a
            notice; nothing was changed.
    """
    letters.check_channels(desk)
    with desk.store.begin() as db:
        made, found = _current(desk, db, sha256, now=now)
        approvers = desk.config.notifiers.approvers
        plan = notices.send_plan(db, sha256, found, now=now, approvers=approvers)
        messages = letters.messages(desk, db, made, plan, registers.customers(db))
        mails = dict[str, list[str]]()
        for message in messages:
            if message.purpose == Purpose.NOTICE:
                mails.setdefault(message.customer, []).append(message.key)
        limits = letters.limits(db, made.incident)
        for message in messages:  # mails first: a call says that one waits
            is_call = message.purpose == Purpose.CALL
            after = mails.get(message.customer, ()) if is_call else ()
            limit = limits.get(message.customer) if is_call else None
            outbox.put(db, message, after=after, limit=limit, principal=principal, now=now)
        recalling.recall(db, made.incident, principal=principal, now=now)
        reason = people.given(db, made.incident).facts.late_reason
        if reason is not None:  # given while it was not late yet: the notice says it now
            duties.explain_notices(db, made.incident, reason, principal=principal, now=now)
        signing.sign_what_leaves(desk, db, now)
        return [message.key for message in messages]


def standings(desk: Desk, number: int) -> list[outbox.Standing]:
    """Return how the messages of an incident stand."""
    with desk.store.read() as db:
        assessment.show(db, number)
        return list(outbox.standings(db, incident=number))


def owed_again(desk: Desk, number: int) -> list[str]:
    """Return a line for each notice that was waived, is owed again, and is not on its way."""
    with desk.store.read() as db:
        on_their_way = {
            one.customer
            for one in outbox.standings(db, incident=number)
            if one.purpose == Purpose.NOTICE and one.word not in ("cancelled", "failed")
        }
        return [
            f"! notice to {one.customer} was waived, and is owed again since a run says more: "
            f"tocsin notice preview {number} --customer {one.customer}"
            for one in obligations.obligations(db, number)
            if one.clause == NOTICE
            and one.was_waived
            and one.is_open
            and one.customer not in on_their_way
        ]


def _current(
    desk: Desk, db: Connection, sha256: str, *, now: datetime
) -> tuple[Manifest, list[Addressed]]:
    """Return a manifest that still counts, and its letters as they would be now."""
    made = notices.approval.current(db, sha256)
    versions = {one.customer: one.version for one in made.notices}
    return made, _letters(desk, db, made.incident, list(versions), versions, now=now)


def _letters(
    desk: Desk,
    db: Connection,
    number: int,
    customers: Sequence[str],
    versions: Mapping[str, int] | None = None,
    *,
    now: datetime,
) -> list[Addressed]:
    known, withdrawn = world(desk, db, number), withdrawing.untold(db, number)
    owed = sorted({*told(known), *withdrawn})
    asked = [one for one in owed if not customers or one in customers]
    strangers = sorted(set(customers) - set(owed))
    chosen, unknown = unregistered.chosen(asked, known.customers)
    if unknown and (customers or not chosen) and not strangers:
        said, how = unregistered.refusal(unknown)
        raise Refusal(f"incident {number}: {said}", hint=how)
    if strangers or not chosen:
        raise Refusal(
            f"incident {number} owes no notice to {', '.join(strangers) or 'anybody'}",
            hint=f"`tocsin incident show {number}` shows what is owed to whom.",
        )
    return letters.addressed(db, known, chosen, versions, withdrawn=withdrawn, now=now)
