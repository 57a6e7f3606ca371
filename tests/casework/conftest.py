"""One operator in four stages, made once; a test gets a copy with all its state."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from incidents.documents import NoticeFacts
from tests.casework import office
from tests.casework.office import BOB, HOUR, MINUTE, NOW
from tests.casework.person import Person
from tests.casework.worlds import loosely_tied, world
from tests.servers import relay as servers
from tocsin.app.casework import duties, filling
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.desk import opened as desk_of
from tocsin.app.config import load

Copy = Callable[..., Desk]


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Stage → folder: ``opened``, ``judged``, ``assessed``, ``previewed``."""
    base = tmp_path_factory.mktemp("office")
    made = {"opened": base / "opened"}
    office.opened(office.found(made["opened"]))
    before = "opened"
    steps: dict[str, Callable[[Desk], object]] = {
        "judged": office.judged,
        "assessed": office.assessed,
        "previewed": office.previewed,
    }
    for name, step in steps.items():
        made[name] = base / name
        with desk_of(load(office.copied(made[before], made[name]))) as desk:
            step(desk)
        before = name
    return made


@pytest.fixture
def at(stages: dict[str, Path], tmp_path: Path) -> Iterator[Copy]:
    """Return a desk of a copy of a stage. ``extra``: the channels in its configuration."""
    with ExitStack() as open_desks:

        def copy(stage: str, extra: str = office.FILES) -> Desk:
            config = office.copied(stages[stage], tmp_path / "office", extra)
            return open_desks.enter_context(desk_of(load(config)))

        yield copy


@pytest.fixture
def config_at(stages: dict[str, Path], tmp_path: Path) -> Callable[..., Path]:
    """Return the configuration of a copy of a stage, for the command line."""

    def copy(stage: str, extra: str = office.FILES) -> Path:
        return office.copied(stages[stage], tmp_path / "office", extra)

    return copy


@pytest.fixture
def alice_at(
    config_at: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Person]:
    """Return alice at a shell, with a copy of a stage."""
    return lambda stage: Person(config_at(stage), monkeypatch)


@pytest.fixture
def relay() -> Iterator[servers.Relay]:
    with servers.running() as one:
        yield one


@pytest.fixture
def suspected(at: Copy) -> NoticeFacts:
    """A customer that may have been touched, of which a person decided to tell it."""
    desk = at("opened")
    office.judged(desk, aware_at=NOW + 30 * MINUTE, now=NOW + HOUR)
    office.assessed(desk)
    duties.decide(desk, 1, ["c-3"], "notify", why="Be safe.", principal=BOB, now=NOW + 2 * HOUR)
    return filling.facts(loosely_tied(world(desk), "c-3"), "c-3", version=1, now=NOW + 3 * HOUR)
