"""The service: passes over the sources, one after the other, until it is stopped.

Clocks, delivery and what is heard of it run beside them, each on a timer of its own: no backlog, no
source, no damaged segment and no relay that hangs holds a reminder up.

One service per archive: a lock on a file in it, which the system gives back when the process ends,
however it ends.

Source: APScheduler 3 user guide, "Missed job executions and coalescing"; flock(2).
"""

import fcntl
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import structlog
from apscheduler.schedulers.background import (  # type: ignore[import-untyped] # it has none
    BackgroundScheduler,
)

from collectors.base import Batch
from tocsin.app.casework import catching_up, ticking
from tocsin.app.casework.desk import Desk, opened
from tocsin.app.casework.signing import Signer
from tocsin.app.config import Config
from tocsin.app.house import House
from tocsin.app.passes import Opened, Stopped, one_pass
from tocsin.app.remarks import Ahead, Mute, SetAside
from tocsin.app.rendering import instant, many, safe
from tocsin.errors import ConfigError, TocsinError
from tocsin.model.findings import Finding
from tocsin.paths import make_private

log = structlog.get_logger("tocsin")

TEND_EVERY = timedelta(minutes=1)
"""How often clocks tick and what waits is tried, at least."""

SEND_EVERY = timedelta(seconds=5)
"""How often it is looked whether something waits to be sent: what a tick or a person queued."""

LOOK_S = 0.2
"""How often the service looks whether it was asked to stop."""


def serve(
    config: Config, *, clock: Callable[[], datetime], once: bool = False, processes: int = 1
) -> None:
    """Run passes until SIGTERM or SIGINT, or one.

    A pass that fails is logged and tried again at its next time; with ``once`` it is raised.
    Without a source nothing is collected, which is said once: what people report has its clocks,
    reminders and messages all the same.

    Raises:
        ConfigError: A setting cannot work, or another service runs on the same archive.
    """
    with _alone(config.archive.path), closing(House(config, processes=processes)) as house:
        house.sweep(clock())
        for error in house.pack.errors:
            log.error("rule cannot be used", why=str(error))
        if not config.source:
            log.warning(
                "no source is configured: nothing is collected, nothing will be detected",
                hint="Clocks tick and messages go out. Add [source.NAME]; config.toml shows how.",
            )
        stop = threading.Event()
        with _signals(stop):
            if once:
                _catch_up(house.desk, clock())
                try:
                    _once(house, clock(), stop, Mute())
                finally:
                    _say_ahead(Ahead(), house, clock())
                    ticking.tend(house.desk, clock())
                    _sign(Signer(), house.desk, clock())
            else:
                _until_stopped(house, clock, stop)


def _once(house: House, now: datetime, stop: threading.Event, mute: Mute) -> None:
    aside = SetAside()

    def read(source: str, batch: Batch) -> None:
        aside.take(source, batch)
        mute.take(batch)

    try:
        troubles = one_pass(
            house,
            now=now,
            stopped=stop.is_set,
            alert=say_finding,
            opened=say_incident,
            read=read,
        )
    except Stopped:
        log.info("stopped")
        return
    finally:
        aside.say()
        mute.say()
    for name, error in troubles.items():
        log.error("source cannot be read", source=name, why=str(error), hint=error.hint)
    if troubles:
        raise next(iter(troubles.values()))


def _until_stopped(house: House, clock: Callable[[], datetime], stop: threading.Event) -> None:
    def collect() -> None:
        with _told("pass failed"):
            _once(house, clock(), stop, mute)
        _say_ahead(ahead, house, clock())

    is_behind, signer, mute, ahead = True, Signer(), Mute(), Ahead()

    def tick() -> None:
        nonlocal is_behind
        if is_behind:  # once, and again only while a case refuses
            with _told("customers of former runs could not be looked for"):
                is_behind = _catch_up(desk, clock())
        with _told("clocks failed"):
            ticking.tick(desk, clock())
        _sign(signer, desk, clock())

    def send() -> None:
        with _told("delivery failed"):
            ticking.send(desk, clock(), stopped=stop.is_set)

    def hear() -> None:
        with _told("what became of messages could not be asked"):
            ticking.hear(desk, clock())

    every = house.config.run.every
    often = min(every, TEND_EVERY)
    scheduler = BackgroundScheduler(timezone="UTC")
    # That work is still at hand when its time comes again is as it should be, and no warning.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    log.info("running", sources=sorted(house.collectors))
    with opened(house.config) as desk:
        for work, interval in (
            (collect, every),
            (tick, often),
            (send, min(often, SEND_EVERY)),
            (hear, often),
        ):
            # What takes longer than its interval is followed by one, not by all that were missed.
            scheduler.add_job(
                work,
                "interval",
                seconds=interval.total_seconds(),
                next_run_time=clock(),
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )
        scheduler.start()
        try:
            # Not ``stop.wait()``: a signal that finds it taking its lock would wait for that lock.
            while not stop.is_set():
                time.sleep(LOOK_S)
        finally:
            scheduler.shutdown(wait=True)  # what is at hand ends after its transaction
            log.info("stopped")


def _catch_up(desk: Desk, now: datetime) -> bool:
    """Take customers into their cases whom runs of former versions show; say which cannot.

    Returns:
        Whether a case refused: it is to be tried again.
    """
    refused = catching_up.catch_up_each(desk, now=now)
    for number, error in refused.items():
        log.error(
            "customers that a former run shows are not taken into their case",
            incident=number,
            why=str(error),
            hint=error.hint,
        )
    return bool(refused)


def _sign(signer: Signer, desk: Desk, now: datetime) -> None:
    """Sign what grew; the log is a place outside the database that knows the checkpoint."""
    with _told("the ledger cannot be signed: its end could be cut off unseen"):
        made = signer.sign(desk, now)
        if made is not None:
            said = made.checkpoint()
            log.info("ledger signed", checkpoint=f"{said.number}:{said.entry_hash}")


def _say_ahead(ahead: Ahead, house: House, now: datetime) -> None:
    """Say whose events lie beyond the clock as it stands after a pass, which may take long."""
    with _told("events ahead of the clock cannot be counted"):
        ahead.say(house.store, house.archive, now)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Let one run fail without the service: the next begins from what was committed."""
    try:
        yield
    except TocsinError as error:
        log.error(what, why=str(error), hint=error.hint)  # noqa: TRY400 - it says why
    except Exception:
        log.exception(what)  # a person must see this one


def say_finding(finding: Finding) -> None:
    """Print a finding that must not wait."""
    print(  # noqa: T201 - the terminal is where the service speaks so far
        f"{finding.level} {instant(finding.at)} {safe(finding.title)}: {safe(finding.why)}",
        flush=True,
    )


def say_incident(opened: Opened) -> None:
    """Print an incident that opened or became more urgent."""
    one = opened.incident
    print(  # noqa: T201 - see above
        f"INCIDENT {opened.number} {one.level}, began {instant(one.opened_at)}: {safe(one.title)}, "
        f"{many(len(one.finding_ids), 'finding')}, by {', '.join(map(safe, one.actors[:3]))}",
        flush=True,
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    try:
        make_private(folder)
        file: IO[bytes] = (folder / "service.lock").open("wb")
    except OSError as error:
        raise ConfigError(
            f"{folder}: cannot be written: {error.strerror or error}",
            hint="Check archive.path and who may write there.",
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                f"another service runs on {folder}",
                hint="Stop it first, or give this one a store and an archive of its own.",
            ) from None
        yield


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """Have SIGTERM and SIGINT ask for a stop; a second one is not heard any louder."""

    def ask(_: int, __: Any) -> None:
        stop.set()

    before = {one: signal.signal(one, ask) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
