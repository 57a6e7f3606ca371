"""Runs that others keep while one is computed: what was computed from less is kept over none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection

from incidents import impact
from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, BOB, MINUTE, everything
from tests.casework.test_beside import C4, SAID, states
from tests.casework.test_beside import judged as judged_with_c4
from tests.casework.test_beside import opened as opened_with_c4
from tests.casework.test_overtaken import LATER, THIRD, a_pass, folder, runs
from tocsin.app.casework import measuring
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.desk import opened as desk_of
from tocsin.app.casework.overtaken import Tried, remeasure
from tocsin.app.config import load
from tocsin.errors import Refusal
from tocsin.store import Store


class Beset(Store):
    """A store in which others were quicker: each does its work before the next transaction."""

    def __init__(self, where: Path, others: list[Callable[[], object]]) -> None:
        super().__init__(where)
        self.others = others

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        if self.others:
            self.others.pop(0)()
        with super().begin() as db:
            yield db


def beset(desk: Desk, *others: Callable[[], object]) -> None:
    desk.store.close()
    desk.store = Beset(Path(desk.config.store.path), list(others))


def standing(desk: Desk, customer: str) -> impact.Standing:
    found = measuring.measured(desk, 1).run.of(customer)
    assert found is not None
    return found.standing


def stolen(desk: Desk) -> Callable[[], None]:
    """Return the service's pass that finds the third customer touched."""
    return lambda: a_pass(desk, office.theft(800, THIRD, "0007-01"))


def measured_by_bob(desk: Desk) -> None:
    with desk_of(load(folder(desk) / "config.toml")) as other:
        measuring.measure(other, 1, principal=BOB, now=LATER)


def test_a_run_is_computed_again_when_a_newer_one_was_kept_meanwhile(at: Copy) -> None:
    desk = at("judged")
    beset(desk, stolen(desk))
    made = measuring.measure(desk, 1, principal=ALICE, now=LATER)
    assert (made.before, made.run.number, runs(desk)) == (2, 3, [1, 2, 3])
    assert standing(desk, THIRD) is impact.Standing.CONFIRMED


def test_a_statement_stands_beside_what_was_counted_meanwhile(at: Copy, tmp_path: Path) -> None:
    desk = opened_with_c4(at)
    judged_with_c4(desk)
    beset(desk, stolen(desk))
    states(desk, tmp_path, SAID, LATER)
    assert runs(desk) == [1, 2, 3]
    assert standing(desk, THIRD) is impact.Standing.CONFIRMED
    assert standing(desk, C4) is impact.Standing.CONFIRMED


def test_the_service_keeps_nothing_over_a_newer_run_and_looks_again(at: Copy) -> None:
    desk = at("judged")
    office.write_log(folder(desk), [office.theft(800, THIRD, "0007-01")], "y.json.gz")
    office.passed(folder(desk) / "config.toml", LATER)
    assert runs(desk) == [1, 2]
    # A service that has not seen it: it begins beside a run that was made from less.
    with desk.store.begin() as db:
        last = impact.last(db, 1)
        assert last is not None
        fewer = tuple(one for one in last.customers if one.customer != THIRD)
        query = msgspec.structs.replace(last.query, incident_events_sha256="of fewer events")
        old = msgspec.structs.replace(last, customers=fewer, query=query)
        impact.keep(db, old, principal=ALICE, now=LATER)
    tried = dict[int, Tried]()
    beset(desk, lambda: a_pass(desk, office.theft(801, THIRD, "0007-02"), minutes=1))
    assert remeasure(desk, tried, LATER + MINUTE) == {}
    assert tried == {}
    kept = runs(desk)
    assert kept == [1, 2, 3, 4]
    found = measuring.measured(desk, 1).run.of(THIRD)
    assert found is not None
    assert found.events == 2
    assert remeasure(desk, tried, LATER + 2 * MINUTE) == {}
    assert runs(desk) == kept


def test_where_others_are_always_quicker_it_is_refused_and_nothing_is_kept(at: Copy) -> None:
    desk = at("judged")
    state = dict[str, object]()

    def other() -> None:
        measured_by_bob(desk)
        state.update(everything(desk))

    beset(desk, other, other, other)
    with pytest.raises(Refusal, match="others kept impact runs of it") as caught:
        measuring.measure(desk, 1, principal=ALICE, now=LATER)
    assert "run it again" in caught.value.hint
    assert everything(desk) == state
    assert runs(desk) == [1, 2, 3, 4]
