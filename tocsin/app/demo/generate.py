"""The month, written to disk: logs on one side, the truth on the other.

``out/logs/AWSLogs/…``      CloudTrail's files as delivered, digests and an Insight among them
``out/logs/crm/…``          the application's log, a file a day
``out/truth/truth.json``    what really happened

Days are made independently of each other, in as many processes as there are cores; the same
arguments give the same bytes with any number of them.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from functools import lru_cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from tocsin.app.demo import amazon, crm, deploys, happenings, machines, office, truth
from tocsin.app.demo.application import Application
from tocsin.app.demo.applog import AppLog, Line
from tocsin.app.demo.attacks import ATTACKS
from tocsin.app.demo.attacks.scene import Planted
from tocsin.app.demo.company import Company
from tocsin.app.demo.delivery import Delivered, deliver, write_digests, write_insight
from tocsin.app.demo.hours import midnight
from tocsin.app.demo.records import Written
from tocsin.app.demo.trail import Trail
from tocsin.errors import Refusal

START = date(2026, 3, 9)
ALL = tuple(ATTACKS)
REMEMBERED = timedelta(days=15)
DAY = timedelta(days=1)

CLOUD: tuple[tuple[str, Callable[[Company, date, Trail], None]], ...] = (
    ("tasks", machines.tasks),
    ("recordings", machines.recordings),
    ("exports", machines.exports),
    ("dashboard", machines.dashboard),
    ("scripts", machines.scripts),
    ("aws", amazon.background),
    ("backup", amazon.backup),
    ("deploys", deploys.regular),
    ("office", office.staff_at_aws),
    ("happenings", happenings.at_aws),
)
"""Everything that happens at AWS by itself; each draws from a stream of its own."""

APPLICATION: tuple[tuple[str, Callable[[Application], None]], ...] = (
    ("customers", crm.customers_people),
    ("integrations", crm.integrations),
    ("support", crm.support),
    ("office", crm.office_people),
    ("background", crm.background),
    ("happenings", happenings.in_application),
)
"""Everything that happens in the application, with its traces at AWS."""


class World(NamedTuple):
    """A month that was generated.

    Attributes:
        logs: The folder a scan is given.
        truth_file: Where the truth lies.
        truth: What really happened.
        records: Distinct CloudTrail records.
        copies: How many of them were delivered twice.
        lines: Lines of the application's log.
        files: Files of CloudTrail records.
        bytes: Bytes below ``logs``.
    """

    logs: Path
    truth_file: Path
    truth: truth.Truth
    records: int
    copies: int
    lines: int
    files: int
    bytes: int


def generate(
    out: Path,
    *,
    seed: int = 1,
    start: date = START,
    days: int = 30,
    scale: float = 1.0,
    attacks: Collection[str] = ALL,
    processes: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> World:
    """Write a month below ``out`` and return what it holds.

    Args:
        out: A folder; ``logs`` and ``truth`` are made in it.
        seed: Chooses the month among all possible ones.
        start: First UTC day.
        days: How many days; what is planted later than the last one is left out.
        scale: Multiplies traffic, not people: 4 gives about a million records in 30 days.
        attacks: Ids of the attacks to plant, from ``ALL``; ``()`` for a month without any.
        processes: How many to use; one per core when None. Changes nothing in the result.
        progress: Called with what was made, how much of it is done, and how much there is.

    Raises:
        Refusal: An attack has an unknown id, or there are logs already; nothing was written.
    """
    logs, truth_file = out / "logs", out / "truth" / "truth.json"
    if unknown := set(attacks).difference(ALL):
        known = ", ".join(ALL)
        raise Refusal(f"no attack {', '.join(sorted(unknown))}", hint=f"There are {known}.")
    if logs.exists():
        hint = "Two months would mix: name another folder, or remove this one."
        raise Refusal(f"{logs} exists already", hint=hint)
    company = Company(seed, start, days, scale)
    planted = [ATTACKS[name](company) for name in ALL if name in attacks]
    shares = [_share(planted, start + n * DAY) for n in range(days)]
    done = []
    for number, delivered in enumerate(
        _made(logs, (seed, start, days, scale), shares, processes), 1
    ):
        done.append(delivered)
        if progress:
            progress("days", number, days)
    extra = write_digests(logs, company, (file for day in done for file in day.files))
    extra += write_insight(logs, company)
    happened = truth.truth_of(company, [attack.attack for attack in planted])
    truth.write(truth_file, happened)
    return World(
        logs,
        truth_file,
        happened,
        records=sum(day.records for day in done),
        copies=sum(day.copies for day in done),
        lines=sum(day.lines for day in done),
        files=sum(len(day.files) for day in done),
        bytes=sum(day.bytes for day in done) + extra,
    )


class _Share(NamedTuple):
    """What a day is given to strew in: the attacks' records that fall on it."""

    day: date
    cloud: tuple[Written, ...]
    lines: tuple[Line, ...]


def _share(planted: Iterable[Planted], day: date) -> _Share:
    first, last = midnight(day), midnight(day + DAY)
    cloud = [record for attack in planted for record in attack.cloud if first <= record.at < last]
    lines = [line for attack in planted for line in attack.lines if first <= line.at < last]
    return _Share(day, tuple(cloud), tuple(lines))


def _made(
    logs: Path, of: tuple[int, date, int, float], shares: list[_Share], processes: int | None
) -> Iterator[Delivered]:
    """Yield the days, in order, made by as many processes as asked for."""
    count = min(processes or len(os.sched_getaffinity(0)) or 1, len(shares))
    make = partial(_day, logs, of)
    if count == 1:
        yield from map(make, shares)
        return
    # Spawned, not forked: the caller may have threads.
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        yield from pool.map(make, shares)


@lru_cache(maxsize=1)
def _company(of: tuple[int, date, int, float]) -> Company:
    """Return the process's own company: its days share the recordings they ask for."""
    return Company(*of)


def _day(logs: Path, of: tuple[int, date, int, float], share: _Share) -> Delivered:
    """Make one day and write it."""
    company, day = _company(of), share.day
    records, lines = list(share.cloud), list(share.lines)
    for name, happen in CLOUD:
        trail = Trail(company.dice("cloud", name, day))
        happen(company, day, trail)
        records += trail.records
    for name, work in APPLICATION:
        log = AppLog(company.dice("application", name, day))
        trail = Trail(company.dice("echo", name, day))
        work(Application(company, day, log, trail))
        records += trail.records
        lines += log.lines
    company.forget(day - REMEMBERED)
    return deliver(logs, company, day, records, lines)
