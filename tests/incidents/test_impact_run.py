"""A run is kept beside those before it, and says what has changed since."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from incidents import impact
from incidents.impact import Reason, Standing
from incidents.impact.tables import impact_run
from tests.detectors.streams import OFFICE, START, event
from tests.incidents.archives import BOB, CUSTOMERS, MAP, NOW, House, S, case, fetch
from tocsin.archive.archive import Archive
from tocsin.errors import Refusal
from tocsin.model.events import Event
from tocsin.model.instants import to_us
from tocsin.store import Store

CALLS = "telephone conversations"


def test_without_data_map_or_events_nothing_is_claimed(store: Store, tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    one = fetch(0, "c-1/4-1")
    with store.begin() as db, pytest.raises(Refusal, match="no data map"):
        impact.compute(db, archive, case(one), 7, principal=BOB, now=NOW)
    house = House(store, tmp_path)
    with store.begin() as db, pytest.raises(Refusal, match="no event of incident 7"):
        impact.compute(db, house.archive, case(one), 7, principal=BOB, now=NOW)
    with store.read() as db:
        assert db.scalar(select(func.count()).select_from(impact_run)) == 0


def test_a_run_made_again_says_the_same_and_is_kept_beside_the_first(house: House) -> None:
    events = [fetch(0, "c-1/4-1"), fetch(1, "c-2/4-1")]
    first = house.run(*events)
    second = house.again(*events)
    assert (first.number, second.number) == (1, 2)
    assert first.customers == second.customers
    assert first.query == second.query
    assert impact.difference(first, second) == []
    with house.store.read() as db:
        assert impact.runs(db, 7) == [first, second]
        assert impact.last(db, 7) == second
        assert impact.last(db, 8) is None


def test_what_has_changed_since_is_named_and_the_difference_shown(house: House) -> None:
    one, two = fetch(0, "c-1/4-1"), fetch(100, "c-2/4-1", ip=OFFICE)
    first = house.run(one, also=[two])

    def outdated(*events: Event) -> tuple[str, ...]:
        with house.store.read() as db:
            return impact.outdated(first, impact.present(db, house.archive, case(*events), first))

    assert outdated(one) == ()
    assert outdated(one, two) == ("the incident's events",)
    house.put(fetch(130, "c-1/4-9"))
    assert outdated(one) == ("the archive of the window",)
    house.take("".join(CUSTOMERS.format(n) for n in (1, 2)), MAP.replace('"some"', '"record"'))
    assert outdated(one)[1:] == ("the data map", "the registers")
    second = house.again(one, two)
    assert [str(change) for change in impact.difference(first, second)] == [
        "c-1: confirmed; ended: 2026-03-02 09:00:00 UTC → 2026-03-02 09:02:10 UTC; "  # noqa: ISC003
        + f"{CALLS}, records: 1–1–1 → 2–2–2",  # noqa: RUF001
        f"c-2: possible → confirmed; {CALLS}, records: 0–?–1 → 1–1–1; "  # noqa: ISC003, RUF001
        + f"{CALLS}, subjects: 0–?–1 → 1–1–1",  # noqa: RUF001
        "c-3: excluded → not there",
    ]


def test_a_customer_is_first_shown_when_a_run_first_showed_it(house: House) -> None:
    one, two = fetch(0, "c-1/4-1"), fetch(100, "c-2/4-1", ip=OFFICE)
    first = house.run(one, also=[two])
    second = house.again(one, two, now=NOW + timedelta(hours=5))
    shown = impact.first_shown([first, second])
    assert shown["c-1"] == (first, first)
    assert shown["c-2"] == (first, second)
    assert "c-3" not in shown


def test_reasons_stores_and_effects_are_part_of_the_difference(house: House) -> None:
    opened = event(0 * S, "s3", "PutBucketPolicy", resource="recordings")
    run = house.run(opened, scope=impact.Scope(until=to_us(START + timedelta(hours=60))))
    (one, *others) = run.customers
    (category,) = one.categories
    now = replace(
        one,
        reason=Reason.SHARED_CREDENTIAL,
        categories=(replace(category, availability=True, stores=("recordings", "lists")),),
    )
    changed = replace(run, customers=(now, *others))
    (change,) = impact.difference(run, changed)
    assert str(change) == (
        f"{one.customer}: possible; reason: open → shared-credential; "
        "telephone conversations, stores: recordings → lists, recordings; "
        "telephone conversations, effects: confidentiality → availability, confidentiality"
    )
    within = replace(
        one,
        first_at=to_us(START),
        last_at=to_us(START + 90 * S),
        subjects=replace(one.subjects, min=7, max=900),
    )
    (change,) = impact.difference(run, replace(run, customers=(within, *others)))
    assert str(change) == (
        f"{one.customer}: possible; ended: 2026-03-02 09:00:00 UTC → 2026-03-02 09:01:30 UTC; "
        "subjects: 0–0–40 → 7–0–900"  # noqa: RUF001 - as it says
    )
    excluded = [replace(one, standing=Standing.EXCLUDED, reason=why) for why in Reason]
    first, second = (replace(run, customers=(one,)) for one in excluded[-2:])
    assert impact.difference(first, second) == []  # nobody is told why nothing is owed
