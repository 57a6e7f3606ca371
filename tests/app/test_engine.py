"""The engine: the same result however the work is shared out, and whoever dies."""

import multiprocessing
import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collectors.base import Needs
from collectors.files import Files, FilesSettings
from detectors.sigma.load import OWN_RULES
from tests.detectors.streams import DAY, HOUR, columns
from tests.detectors.test_outsiders import IN_USE, OPENED, opens, takes
from tocsin.app.config import load
from tocsin.app.demo.generate import World
from tocsin.app.engine import workers
from tocsin.app.engine.choosing import choose
from tocsin.app.engine.following import Judge
from tocsin.app.engine.reading import Handful, Plan, Taken, handfuls
from tocsin.app.engine.result import EXAMPLES, MOST_REASONS, OTHER, Rejected
from tocsin.app.engine.scanning import Everything, scan
from tocsin.app.engine.spool import FindingSpool
from tocsin.app.engine.windows import FEW_ROWS, MOST_ROWS, windows
from tocsin.app.service import mappings_of
from tocsin.archive.segments import SegmentFile
from tocsin.errors import CollectError
from tocsin.geo import Geo
from tocsin.model.events import DAY_US, HOUR_US
from tocsin.model.findings import Finding, Level, finding_id
from tocsin.model.instants import day_of
from tocsin.model.sources import Reject, SourceObject


def scanned(logs: Path, config: Path, processes: int) -> tuple[object, ...]:
    settings = load(config)
    source = FilesSettings(paths=(logs,), mappings=mappings_of(settings))
    with scan([source], settings, processes=processes, worth_bytes=0) as result:
        total = result.summary
        counts = (total.records, total.events, total.duplicates, total.rejected, total.files)
        return counts, list(result.findings), result.incidents, result.rejected


@pytest.fixture(scope="module")
def one_process(world: World, demo_config: Path) -> tuple[object, ...]:
    return scanned(world.logs, demo_config, 1)


def test_two_processes_find_the_same(
    world: World, demo_config: Path, one_process: tuple[object, ...]
) -> None:
    assert scanned(world.logs, demo_config, 2) == one_process


def test_files_in_any_order_and_place_give_the_same(
    world: World, demo_config: Path, one_process: tuple[object, ...], tmp_path: Path
) -> None:
    paths = [path for path in world.logs.rglob("*") if path.is_file()]
    random.Random(7).shuffle(paths)
    for number, path in enumerate(paths):
        folder = tmp_path / str(number % 5)
        folder.mkdir(exist_ok=True)
        shutil.copy(path, folder / f"{number:05}-{path.name}")
    assert scanned(tmp_path, demo_config, 1) == one_process


def test_something_was_found_at_all(one_process: tuple[object, ...]) -> None:
    _, findings, incidents, _ = one_process
    assert findings
    assert incidents


@contextmanager
def killer(rounds: int) -> Iterator[list[int]]:
    """Kill the first process seen, and in each further round all that follow."""
    killed, over = list[int](), threading.Event()

    def work() -> None:
        while not over.is_set() and len(killed) < rounds:
            for process in multiprocessing.active_children():
                if process.pid is not None and process.pid not in killed:
                    time.sleep(0.2)
                    process.kill()
                    killed.append(process.pid)
                    break
            time.sleep(0.01)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


@pytest.fixture
def plan(demo_config: Path, tmp_path: Path) -> Plan:
    settings = load(demo_config)
    source = FilesSettings(paths=(tmp_path,), mappings=mappings_of(settings))
    return Plan(
        sources={"files": source},
        choice=choose(settings),
        mmdb=None,
        folder=tmp_path / "segments",
        spool=True,
    )


def work_of(logs: Path, most_bytes: int = 100_000) -> list[Handful]:
    source = FilesSettings(paths=(logs,))
    found = Files(source, Needs(), Geo()).find(Everything())
    objects = (one for page in found for one in page)
    return list(handfuls("files", objects, "stem", most_bytes))


def records(taken: list[Taken]) -> int:
    return sum(one.batch.records for one in taken)


def test_a_process_that_dies_costs_nothing_but_time(world: World, plan: Plan) -> None:
    work = work_of(world.logs)
    with killer(1) as killed:
        taken = list(workers.read_all(plan, work, 2))
    assert len(killed) == 1
    assert sorted(one.handful.stem for one in taken) == sorted(one.stem for one in work)
    assert records(taken) == world.records + world.copies + world.lines


def test_files_whose_process_dies_twice_are_named(world: World, plan: Plan) -> None:
    work = work_of(world.logs)
    with killer(1_000), pytest.raises(CollectError, match=r"died twice") as error:
        list(workers.read_all(plan, work, 2))
    assert any(one.address in str(error.value) for handful in work for one in handful.objects)
    assert multiprocessing.active_children() == []


def test_who_has_enough_leaves_no_process_behind(world: World, plan: Plan) -> None:
    reading = workers.read_all(plan, work_of(world.logs), 2)
    next(reading)
    reading.close()  # type: ignore[attr-defined] # it is a generator
    assert multiprocessing.active_children() == []


def test_handfuls_are_bounded_and_lose_nothing() -> None:
    objects = [SourceObject(str(number), "", size) for number, size in enumerate([10, 90, 1, 500])]
    made = list(handfuls("s", objects, "stem", most_bytes=100))
    assert [[one.size for one in handful.objects] for handful in made] == [[10, 90], [1], [500]]
    assert len({handful.stem for handful in made}) == 3


def segment(day: int, rows: int) -> SegmentFile:
    first, last = day * DAY_US, (day + 1) * DAY_US - 1
    return SegmentFile(f"{day}", day_of(first), rows, first, last, 0, 0, "")


def test_a_day_is_a_window_and_a_large_one_is_several() -> None:
    made = list(windows([segment(3, 10), segment(1, MOST_ROWS * 3), segment(3, 5)], None, None))
    assert [(w.until - w.since) // HOUR_US for w in made] == [8, 8, 8, 24]
    assert [w.since for w in made] == sorted(w.since for w in made)
    assert len(made[-1].segments) == 2


def test_windows_keep_within_since_and_until() -> None:
    since, until = DAY_US + HOUR_US, 2 * DAY_US + HOUR_US
    made = list(windows([segment(day, 10) for day in range(4)], since, until))
    assert [(w.since, w.until) for w in made] == [(since, until)]
    assert [s.path for s in made[0].segments] == ["1", "2"]


def test_days_with_few_events_are_judged_together() -> None:
    made = list(windows([segment(day, FEW_ROWS // 2) for day in (1, 2, 5, 9)], None, None))
    assert [(w.since, w.until) for w in made] == [
        (DAY_US, 3 * DAY_US),
        (5 * DAY_US, 10 * DAY_US),
    ]
    assert [len(w.segments) for w in made] == [2, 2]


def finding(number: int, since: int, why: str = "why") -> Finding:
    return Finding(
        id=finding_id("rule", (str(number),)),
        rule="rule",
        title="title",
        author="",
        origin="",
        level=Level.LOW,
        at=since,
        since=since,
        actor="alice",
        entities=(),
        event_ids=(str(number),),
        why=why,
    )


def test_a_finding_that_comes_again_replaces_itself(tmp_path: Path) -> None:
    spool = FindingSpool(tmp_path / "findings")
    spool.add([finding(1, 20), finding(2, 10)])
    assert [one.why for one in spool] == ["why", "why"]
    spool.add([finding(1, 20, "grown")])
    assert [(one.since, one.why) for one in spool] == [(10, "why"), (20, "grown")]
    assert spool.get([finding(1, 20).id, "00"]) == [finding(1, 20, "grown")]
    assert len(spool) == 2
    spool.close()


def test_rejects_are_counted_in_bounded_memory_whatever_their_order() -> None:
    rejects = [Reject(f"f{n:03}", f"line {n}", f"reason {n % 5}") for n in range(100)]
    one, other = Rejected(), Rejected()
    one.add(rejects)
    other.add(reversed(rejects))
    assert one == other
    assert all(len(kept) == EXAMPLES for kept in one.examples.values())
    one.add(Reject("f", "", f"further {n}") for n in range(MOST_REASONS * 2))
    assert len(one.count) <= MOST_REASONS + 1
    assert one.count[OTHER] > 0
    assert one.count.total() == 100 + MOST_REASONS * 2


def test_our_own_rules_are_where_the_choice_looks(demo_config: Path) -> None:
    choice = choose(load(demo_config))
    assert choice.paths == (OWN_RULES,)
    assert choice.contract == ("regions", "countries")
    assert choice.placeholders["contract_regions"] == ("eu-west-3",)


def test_what_is_configured_to_be_of_the_house_is_what_is_judged_by(tmp_path: Path) -> None:
    taking = [*IN_USE, opens(11 * DAY, "*@o-stranger00"), takes(11 * DAY + HOUR)]
    levels = list[list[Level]]()
    for own in ("", 'own_organizations = ["o-a1b2c3d4e5"]', 'own_accounts = ["667788990011"]'):
        path = tmp_path / "config.toml"
        path.write_text(f"[rules.placeholders]\n{own}\n")
        found, _ = Judge((), Geo(), load(path)).step(columns(taking), [])
        levels.append([f.level for f in found if f.rule == OPENED])
    assert levels == [[Level.MEDIUM], [Level.HIGH], []]


def test_sigint_in_a_worker_is_the_parents_to_decide(world: World, plan: Plan) -> None:
    work, over, struck = work_of(world.logs), threading.Event(), set[int]()

    def interrupt() -> None:
        while not over.wait(0.005):  # from their first moment on
            for process in multiprocessing.active_children():
                if process.pid is not None:
                    os.kill(process.pid, signal.SIGINT)
                    struck.add(process.pid)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        taken = list(workers.read_all(plan, work, 2))
    finally:
        over.set()
        thread.join()
    assert len(struck) == 2
    assert sorted(one.handful.stem for one in taken) == sorted(one.stem for one in work)
    assert records(taken) == world.records + world.copies + world.lines
