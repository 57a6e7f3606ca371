"""One pass over the outbox: every message whose time has come is tried once.

``notifiers.outbox`` says what is stored before what.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from functools import partial

from notifiers.attempts import Lease, begin, lease, postpone, settle
from notifiers.base import Channel, Dispatch, Notifier, Outcome, Receipt, told
from notifiers.following import follow
from notifiers.holding import DOUBTED, fail_in_vain
from notifiers.schedule import SCHEDULE, Schedule
from tocsin.errors import OutcomeUnknown, RetryLater, Undeliverable
from tocsin.model.principals import Principal
from tocsin.store import Store


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
    fail_in_vain(store, worker=worker, now=clock())
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
    number, reference = leased.attempts + 1, secrets.token_hex(8)
    queued_at, ahead = leased.queued_at, leased.ahead
    dispatch = Dispatch(leased.message, number, reference, queued_at, clock(), ahead=ahead)
    try:
        notifier = _notifier(notifiers, leased.message.channel)
        if _reconcile(store, notifier, leased, worker, clock):
            return True
        if leased.in_vain:
            postpone(store, leased, DOUBTED, worker=worker, now=clock(), again=None)
            return False
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
    pause: timedelta | None = None
    try:
        said: Receipt | str = notifier.send(dispatch)
        outcome = Outcome.ACCEPTED
    except Undeliverable as error:
        said, outcome = told(error), Outcome.REFUSED
    except RetryLater as error:
        said, outcome, pause = told(error), Outcome.REFUSED, schedule.busy.after(number)
    except OutcomeUnknown as error:
        said, outcome, pause = told(error), Outcome.UNKNOWN, schedule.unknown.after(number)
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
        again=None if pause is None else now + pause,
    )
    return outcome == Outcome.ACCEPTED


def _notifier(notifiers: Mapping[Channel, Notifier], channel: Channel) -> Notifier:
    notifier = notifiers.get(channel)
    if notifier is None:
        raise Undeliverable(
            f"no channel {channel} is configured",
            hint=f"Configure [notifiers.{channel}], then `tocsin notice again KEY --why TEXT`.",
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


def _clock(start: datetime) -> Callable[[], datetime]:
    begun = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - begun)
