"""Passes over the outbox: every message whose time has come is tried.

``notifiers.outbox`` says what is stored before what.
"""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from functools import partial

from notifiers.attempts import Lease, Room, begin, lease, postpone, settle
from notifiers.base import Channel, Dispatch, Notifier, Outcome, Receipt, told
from notifiers.following import follow
from notifiers.holding import DOUBTED, fail_in_vain
from notifiers.schedule import SCHEDULE, Schedule
from tocsin.errors import OutcomeUnknown, RetryLater, Undeliverable
from tocsin.model.principals import Principal
from tocsin.store import Store

LOOK_S = 0.5
"""How often it is looked what else has become due while a message is under way."""


def deliver(
    store: Store,
    notifiers: Mapping[Channel, Notifier],
    *,
    worker: Principal,
    now: datetime,
    schedule: Schedule = SCHEDULE,
    faults: Sequence[Exception] = (),
) -> int:
    """Try every message whose time has come, then ask what became of accepted ones.

    Args:
        store: The state.
        notifiers: What speaks each channel; threads share them.
        worker: In whose name.
        now: When this pass begins; what happens later in it is dated by the time gone since.
        schedule: When what failed is tried again.
        faults: Those there are already; they are raised at the end.

    Returns:
        How many were accepted.

    Raises:
        ExceptionGroup: Faults of ours, after everything else was tried. The attempts they struck
            stay unknown, and come again when their leases have run out.
    """
    clock = _clock(now)
    one = _Pass(store, notifiers, worker, clock, schedule)
    one.run(lambda: now)
    found = [*faults, *one.faults]
    hear(store, notifiers, worker=worker, now=clock(), schedule=schedule, faults=found)
    return one.accepted


def send(
    store: Store,
    notifiers: Mapping[Channel, Notifier],
    *,
    worker: Principal,
    now: datetime,
    schedule: Schedule = SCHEDULE,
    put_at: datetime | None = None,
    stopped: Callable[[], bool] | None = None,
    faults: Sequence[Exception] = (),
) -> int:
    """Try messages, and ask nothing of those that were accepted; otherwise as ``deliver``.

    Args:
        store: The state.
        notifiers: What speaks each channel.
        worker: In whose name.
        now: When this begins.
        schedule: When what failed is tried again.
        put_at: Only what was put, or put again, at this instant, and each once; None for all.
        stopped: Whether no further one is to be begun. Where it is given, what becomes due while
            another is under way is tried too: one that hangs holds up nothing that comes after.
        faults: As for ``deliver``.

    Returns:
        How many were accepted.

    Raises:
        ExceptionGroup: Faults of ours, as ``deliver`` raises them.
    """
    clock = _clock(now)
    one = _Pass(store, notifiers, worker, clock, schedule, put_at=put_at, stopped=stopped)
    one.run((lambda: now) if stopped is None else clock)
    _raise([*faults, *one.faults])
    return one.accepted


def hear(
    store: Store,
    notifiers: Mapping[Channel, Notifier],
    *,
    worker: Principal,
    now: datetime,
    schedule: Schedule = SCHEDULE,
    faults: Sequence[Exception] = (),
) -> None:
    """Ask what became of accepted messages, and give up what waits for others in vain.

    Raises:
        ExceptionGroup: Faults of ours, those given among them; all others were asked for.
    """
    fail_in_vain(store, worker=worker, now=now)
    found = follow(store, notifiers, worker=worker, now=now, schedule=schedule)
    _raise([*faults, *found])


def _raise(faults: Sequence[Exception]) -> None:
    if faults:
        raise ExceptionGroup("faults while delivering; everything else was tried", faults)


class _Pass:
    """Messages under way, several at a time.

    One that fails, hangs or trips over a fault of ours holds up no other: each channel has lanes of
    its own, what was never tried goes first, and one lane is kept for that.
    """

    def __init__(
        self,
        store: Store,
        notifiers: Mapping[Channel, Notifier],
        worker: Principal,
        clock: Callable[[], datetime],
        schedule: Schedule,
        *,
        put_at: datetime | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> None:
        self._store, self._clock, self._lanes = store, clock, schedule.lanes
        self._put_at, self._stopped, self._worker = put_at, stopped, worker
        self._step = partial(_try, store, notifiers, worker=worker, clock=clock, schedule=schedule)
        self._running = dict[Future[bool], Lease]()
        self.accepted, self.faults = 0, list[Exception]()

    def run(self, due_by: Callable[[], datetime]) -> None:
        """Try what is due until nothing is, and nothing under way."""
        look_s = None if self._stopped is None else LOOK_S
        with ThreadPoolExecutor(self._lanes * len(Channel)) as lanes:
            while True:
                while leased := self._next(due_by()):
                    self._running[lanes.submit(self._step, leased)] = leased
                if not self._running:
                    break
                done, _ = wait(self._running, timeout=look_s, return_when=FIRST_COMPLETED)
                for future in done:
                    del self._running[future]
                    self._ended(future)

    def _next(self, due_by: datetime) -> Lease | None:
        room = self._room()
        if not room.untried or (self._stopped is not None and self._stopped()):
            return None
        return lease(
            self._store,
            due_by=due_by,
            now=self._clock(),
            room=room,
            under_way=[one.message.key for one in self._running.values()],
            put_at=self._put_at,
            worker=self._worker,
        )

    def _room(self) -> Room:
        under_way = list(self._running.values())
        all_of = Counter(one.message.channel for one in under_way)
        tried = Counter(one.message.channel for one in under_way if one.attempts)
        free = frozenset(one for one in Channel if all_of[one] < self._lanes)
        most = max(1, self._lanes - 1)
        return Room(free, frozenset(one for one in free if tried[one] < most))

    def _ended(self, future: Future[bool]) -> None:
        fault = future.exception()
        if fault is None:
            self.accepted += future.result()
        elif isinstance(fault, Exception):
            self.faults.append(fault)
        else:
            raise fault


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
