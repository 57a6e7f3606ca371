"""Impact on the generated company, beside what was planted. Only tests look at the truth."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from incidents import impact
from incidents.impact import ImpactRun, Standing, checks
from tests.incidents.month import ALICE, TAKEN, Month, read_month
from tocsin import registers
from tocsin.app.demo.compare import compare
from tocsin.app.demo.compare_impact import Verdict
from tocsin.app.demo.compare_impact import compare as compare_impact
from tocsin.app.demo.truth import Attack
from tocsin.registers.checks import gaps

ATTACKS = ("scraper", "exposed-bucket", "takeover", "leaked-key", "leaver")


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    read = read_month(tmp_path_factory.mktemp("company"))
    yield read
    read.store.close()


@pytest.fixture(scope="module")
def judged(month: Month) -> dict[str, tuple[Attack, ImpactRun, Verdict]]:
    found = {}
    for number, verdict in enumerate(compare(month.world.truth, month.incidents), 1):
        if verdict.attack is None or verdict.incident is None:
            continue
        with month.store.read() as db:
            run = impact.compute(
                db, month.archive, verdict.incident, number, principal=ALICE, now=TAKEN
            )
        attack = verdict.attack
        found[attack.id] = attack, run, compare_impact(attack, run)
    return found


Judged = dict[str, tuple[Attack, ImpactRun, Verdict]]


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_customer_truly_touched_is_confirmed_or_possible(judged: Judged, attack: str) -> None:
    assert judged[attack][2].missed == frozenset()


def test_of_what_is_confirmed_at_least_95_percent_is_right(judged: Judged) -> None:
    confirmed = sum(len(verdict.confirmed) for *_, verdict in judged.values())
    wrong = sum(len(verdict.wrong) for *_, verdict in judged.values())
    assert confirmed >= sum(len(verdict.touched) for *_, verdict in judged.values()) * 0.95
    assert wrong <= 0.05 * confirmed


@pytest.mark.parametrize("attack", ATTACKS)
def test_possible_customers_are_at_most_twice_the_truth(judged: Judged, attack: str) -> None:
    verdict = judged[attack][2]
    assert len(verdict.possible) <= 2 * len(verdict.touched)


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_count_of_the_truth_lies_inside_its_range(judged: Judged, attack: str) -> None:
    verdict = judged[attack][2]
    assert verdict.counts
    assert [count for count in verdict.counts if not count.inside] == []


def test_ranges_say_something(judged: Judged) -> None:
    for *_, verdict in judged.values():
        for count in verdict.counts:
            said = count.said
            assert said is not None
            assert 0 < said.min <= count.most
            assert said.max is not None
            assert said.max <= 2 * count.most or "inventory" in said.basis


def test_whom_the_night_touched_not_is_excluded_with_the_coverage_behind_it(
    judged: Judged,
) -> None:
    _, run, _ = judged["leaver"]
    excluded = run.with_standing(Standing.EXCLUDED)
    assert len(excluded) > 30
    for one in excluded:
        if one.customer == "operator":
            continue
        said = {negative.store: negative for negative in one.negatives}
        assert said["contacts"].accessed is False
        assert said["crm-database"].accessed is None
        assert "not logged" in said["crm-database"].basis


def test_the_data_map_says_something_of_all_that_touches_data(month: Month) -> None:
    with month.store.read() as db:
        assert checks.unmapped(db, month.archive) == []
        assert checks.strangers(db, month.archive) == []
        assert checks.uncounted(db) == []
        assert checks.left_out(db, now=TAKEN) == []
        assert [gap.subject for gap in checks.unlogged(db)] == [
            "accounts",
            "crm-database",
            "billing-database",
        ]
        assert [gap.subject for gap in gaps(db, now=TAKEN)] == ["c-0038"]


def test_the_registers_hold_the_company(month: Month) -> None:
    with month.store.read() as db:
        customers = registers.customers(db)
        staff = registers.staff(db)
    assert len(customers) == len(month.company.customers)
    assert {one.contract.hours for one in customers.values()} == {24, 48}
    for customer in customers.values():
        for contact in customer.contacts:
            assert contact.email.endswith(".example")
    assert all(person.name not in person.pseudonym for person in staff.values())


def test_nothing_of_the_registers_comes_from_the_truth() -> None:
    text = Path("tocsin/app/demo/registers.py").read_text()
    assert "truth" not in text.replace("never from the truth", "")
