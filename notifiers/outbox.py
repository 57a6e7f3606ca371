"""The outbox: messages wait here until the other side has accepted them.

What is stored before what cannot be undone:

    1. ``put`` runs in the transaction that decided to send: a decision and its message stand or
       fall together.
    2. A worker leases a message and writes the attempt, outcome *unknown*, with the exact bytes,
       **before** the call leaves (``notifiers.attempts``).
    3. The call.
    4. The outcome replaces *unknown*: accepted or refused. A crash between 2 and 4 leaves
       *unknown* standing, which is the truth.

An unknown attempt is reconciled first: the other side is asked whether it has the message. Where
it cannot be asked, the message goes again under the same identity. Twice, never not at all.

Accepted is not notified: ``notifiers.following`` takes what comes after it.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, insert, select, update

from notifiers.attempts import Lease, begin, lease, postpone, settle, store_message
from notifiers.base import Channel, Dispatch, Message, Notifier, Outcome, Receipt, told
from notifiers.following import follow
from notifiers.schedule import SCHEDULE, Schedule
from notifiers.standing import Standing, failed, standing, stuck
from notifiers.tables import outbox
from tocsin import ledger
from tocsin.errors import OutcomeUnknown, Refusal, RetryLater, Undeliverable
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal
from tocsin.store import Store

__all__ = [
    "Schedule",
    "Standing",
    "cancel",
    "deliver",
    "failed",
    "put",
    "send_again",
    "standing",
    "stuck",
]


def put(
    db: Connection,
    message: Message,
    *,
    principal: Principal,
    now: datetime,
    schedule: Schedule = SCHEDULE,
) -> bool:
    """Queue a message in the transaction that decided to send it.

    Returns:
        False when it was there already, with the same content; nothing was changed.

    Raises:
        Refusal: The key is there with other content; nothing was changed.
    """
    box = outbox.c
    before = db.scalar(select(box.sha256).where(box.key == message.key))
    stored, digest = store_message(db, message)
    if before is not None:
        if before == digest:
            return False
        raise Refusal(
            f"message {message.key} is queued already, with other content",
            hint="A message that changed is another message: give it a key of its own.",
        )
    at = to_us(now)
    db.execute(
        insert(outbox).values(
            key=message.key,
            channel=message.channel,
            purpose=message.purpose,
            incident=message.incident,
            customer=message.customer,
            message=stored,
            sha256=digest,
            state="waiting",
            why="",
            attempts=0,
            queued_at=at,
            due_at=at,
            give_up_at=to_us(now + schedule.give_up_after),
            leased_until=0,
            lease="",
            changed_at=at,
        )
    )
    fact = {
        "message": message.key,
        "channel": message.channel,
        "purpose": message.purpose,
        "incident": message.incident,
        "customer": message.customer,
        "sha256": digest,
    }
    ledger.append(db, "message.queued", fact, principal=principal, at=now)
    return True


def cancel(db: Connection, key: str, *, why: str, principal: Principal, now: datetime) -> None:
    """Take back a message that was not accepted yet.

    Raises:
        Refusal: It is unknown, on its way right now, or no longer to be taken back; nothing was
            changed.
    """
    box = outbox.c
    state = _state(db, key)
    if state not in ("waiting", "failed"):
        raise Refusal(f"message {key} is {state}: it cannot be taken back")
    taken_back = db.execute(
        update(outbox)
        .where(box.key == key, box.leased_until <= to_us(now))
        .values(state="cancelled", why=why, lease="", changed_at=to_us(now))
    ).rowcount
    if not taken_back:
        raise Refusal(
            f"message {key} is being sent at this moment",
            hint="Look at its standing in a few minutes, and cancel it then if it still waits.",
        )
    fact = {"message": key, "why": why}
    ledger.append(db, "message.cancelled", fact, principal=principal, at=now)


def send_again(
    db: Connection,
    key: str,
    *,
    why: str,
    principal: Principal,
    now: datetime,
    schedule: Schedule = SCHEDULE,
) -> None:
    """Queue a failed message again, after a person changed what made it fail.

    Raises:
        Refusal: It is unknown, or did not fail; nothing was changed.
    """
    state = _state(db, key)
    if state != "failed":
        raise Refusal(f"message {key} is {state}: only a failed one is sent again")
    at = to_us(now)
    db.execute(
        update(outbox)
        .where(outbox.c.key == key)
        .values(
            state="waiting",
            due_at=at,
            give_up_at=to_us(now + schedule.give_up_after),
            leased_until=0,
            lease="",
            changed_at=at,
        )
    )
    fact = {"message": key, "why": why}
    ledger.append(db, "message.requeued", fact, principal=principal, at=now)


def deliver(
    store: Store,
    notifiers: Mapping[Channel, Notifier],
    *,
    worker: Principal,
    now: datetime,
    schedule: Schedule = SCHEDULE,
) -> int:
    """Try every message whose time has come, then ask what became of accepted ones.

    A message that fails, hangs or trips over a fault of ours holds up no other: several are under
    way at a time, and one that was never tried goes first.

    Args:
        store: The state.
        notifiers: What speaks each channel; threads share them.
        worker: In whose name.
        now: When this pass begins; what happens later in it is dated by the time gone since.
        schedule: When what failed is tried again.

    Returns:
        How many were accepted.

    Raises:
        ExceptionGroup: Faults of ours, after everything else was tried. The attempts they struck
            stay unknown, and come again when their leases have run out.
    """
    clock = _clock(now)
    accepted, faults = 0, list[Exception]()
    running = set[Future[bool]]()
    with ThreadPoolExecutor(schedule.lanes) as lanes:
        while True:
            while len(running) < schedule.lanes and (
                leased := lease(store, due_by=now, now=clock())
            ):
                step = partial(_try, store, notifiers, leased, worker=worker, clock=clock)
                running.add(lanes.submit(step, schedule=schedule))
            if not running:
                break
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                fault = future.exception()
                if fault is None:
                    accepted += future.result()
                elif isinstance(fault, Exception):
                    faults.append(fault)
                else:
                    raise fault
    faults += follow(store, notifiers, worker=worker, now=clock(), schedule=schedule)
    if faults:
        raise ExceptionGroup("faults while delivering; everything else was tried", faults)
    return accepted


def _try(
    store: Store,
    notifiers: Mapping[Channel, Notifier],
    leased: Lease,
    *,
    worker: Principal,
    clock: Callable[[], datetime],
    schedule: Schedule,
) -> bool:
    """Return whether the message was accepted."""
    message, number = leased.message, leased.attempts + 1
    reference = secrets.token_hex(8)
    dispatch = Dispatch(message, number, reference, leased.queued_at, clock())
    try:
        notifier = _notifier(notifiers, message.channel)
        if _reconcile(store, notifier, leased, worker, clock):
            return True
        dispatch = dispatch._replace(content=notifier.render(dispatch))
    except RetryLater as error:
        again = clock() + schedule.unknown.after(len(leased.doubtful))
        postpone(store, leased, told(error), worker=worker, now=clock(), again=again)
        return False
    except Undeliverable as error:
        # Written down as an attempt all the same, so that it is seen why nothing left.
        if begin(store, leased, dispatch, worker=worker, now=clock()):
            refused = Outcome.REFUSED
            settle(store, leased, number, refused, told(error), worker=worker, now=clock())
        return False
    if not begin(store, leased, dispatch, worker=worker, now=clock()):
        return False
    again = None
    try:
        said: Receipt | str = notifier.send(dispatch)
        outcome = Outcome.ACCEPTED
    except Undeliverable as error:
        said, outcome = told(error), Outcome.REFUSED
    except RetryLater as error:
        said, outcome, again = told(error), Outcome.REFUSED, schedule.busy.after(number)
    except OutcomeUnknown as error:
        said, outcome, again = told(error), Outcome.UNKNOWN, schedule.unknown.after(number)
    # Anything else is a fault of ours: it goes up, and the attempt stays unknown.
    now = clock()
    settle(
        store,
        leased,
        number,
        outcome,
        said,
        worker=worker,
        now=now,
        again=None if again is None else now + again,
    )
    return outcome == Outcome.ACCEPTED


def _notifier(notifiers: Mapping[Channel, Notifier], channel: Channel) -> Notifier:
    notifier = notifiers.get(channel)
    if notifier is None:
        raise Undeliverable(
            f"no channel {channel} is configured",
            hint=f"Configure [notifiers.{channel}], then send the message again.",
        )
    return notifier


def _reconcile(
    store: Store,
    notifier: Notifier,
    leased: Lease,
    worker: Principal,
    clock: Callable[[], datetime],
) -> bool:
    """Return whether the other side has the message from an attempt of unknown outcome."""
    for doubtful in leased.doubtful:
        receipt = notifier.look_up(doubtful, leased.taken)
        if receipt is not None:
            accepted = Outcome.ACCEPTED
            settle(store, leased, doubtful.number, accepted, receipt, worker=worker, now=clock())
            return True
    return False


def _state(db: Connection, key: str) -> str:
    state = db.scalar(select(outbox.c.state).where(outbox.c.key == key))
    if state is None:
        raise Refusal(f"there is no message {key}")
    return str(state)


def _clock(start: datetime) -> Callable[[], datetime]:
    begun = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - begun)
