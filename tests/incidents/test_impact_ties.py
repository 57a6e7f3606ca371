"""What ties an event to an attack, and that a loose tie confirms nobody and dates nothing."""

from tests.detectors.streams import ELSEWHERE, OFFICE, START, event
from tests.incidents.archives import House, S, fetch, standings
from tocsin.model.instants import to_us


def test_everything_a_credential_made_by_the_attack_did_counts(house: House) -> None:
    made = event(0 * S, "iam", "CreateAccessKey", issued="key:AKIANEW", ip=ELSEWHERE, object="svc")
    run = house.run(
        made,
        also=[
            fetch(600, "c-2/4-1", credential="AKIANEW", ip="192.0.2.77"),
            event(601 * S, "sts", "AssumeRole", issued="key:ASIA2", credential="AKIANEW"),
            fetch(700, "c-3/4-1", credential="ASIA2", ip="192.0.2.99"),
        ],
    )
    assert standings(run)["c-2"] == ("confirmed", "touched")
    assert standings(run)["c-3"] == ("confirmed", "touched")
    assert run.of("c-3").lineage == 1  # type: ignore[union-attr]
    assert run.query.credentials == ("AKIANEW", "ASIA2")


def test_a_credential_in_two_hands_confirms_only_where_the_attack_came_from(house: House) -> None:
    run = house.run(
        fetch(0, "c-1/4-1"),
        also=[fetch(60, "c-2/4-1"), fetch(90, "c-3/4-1", ip=OFFICE)],
    )
    assert standings(run) == {
        "c-1": ("confirmed", "touched"),
        "c-2": ("confirmed", "touched"),
        "c-3": ("possible", "shared-credential"),
    }
    three = run.of("c-3")
    assert three is not None
    for said in (three.categories[0].records, three.categories[0].subjects, three.subjects):
        assert (said.min, said.best, said.max) == (0, None, 1)  # no ground for a guess
    assert three.first_at == three.last_at == to_us(START + 90 * S)
    assert run.last_at == to_us(START + 60 * S)


def test_a_few_events_that_only_a_role_ties_to_the_attack_confirm_nobody(house: House) -> None:
    bulk = [fetch(n, f"c-1/4-{n}") for n in range(40)]
    honest = fetch(50, "c-2/4-1", credential="ASIAHONEST", ip=OFFICE)
    run = house.run(*bulk, honest)
    assert standings(run)["c-2"] == ("possible", "loosely-tied")
    assert run.query.loose == ("ASIAHONEST",)


def test_what_may_be_honest_work_dates_nothing_where_the_attack_itself_does(house: House) -> None:
    bulk = [fetch(n, f"c-1/4-{n}") for n in range(60)]
    morning = {"credential": "ASIAHONEST", "ip": OFFICE}
    before = [fetch(-3600, "c-1/9-1", **morning), fetch(-3590, "c-2/9-1", **morning)]
    run = house.run(*before, *bulk)
    assert standings(run)["c-2"] == ("possible", "loosely-tied")
    one, two = run.of("c-1"), run.of("c-2")
    assert one is not None
    assert two is not None
    assert one.shared == 1
    assert (one.first_at, one.last_at) == (to_us(START), to_us(START + 59 * S))
    assert one.possibly_first_at == one.possibly_last_at == to_us(START - 3600 * S)
    assert two.possibly_first_at is None
    said = one.categories[0].records
    assert (said.min, said.best, said.max) == (60, 60, 100)  # an hour of logs is missing
    # Of the other there is nothing surer: that is then its time, and nobody's guess is its number.
    assert two.first_at == two.last_at == to_us(START - 3590 * S)
    said = two.categories[0].records
    assert (said.min, said.best, said.max) == (0, None, 100)
    assert (run.first_at, run.last_at) == (one.first_at, one.last_at)
    assert run.began_at == to_us(START - 3600 * S)  # the first event of the incident
    assert run.ended_at == to_us(START + 59 * S)


def test_a_single_event_of_another_session_at_the_same_address_proves_little(
    house: House,
) -> None:
    bulk = [fetch(n, f"c-1/4-{n}") for n in range(40)]
    seen = fetch(50, "c-2/4-1", credential="ASIAMORNING")
    run = house.run(*bulk, seen, also=[fetch(55, "c-3/4-1", credential="ASIAMORNING")])
    assert standings(run)["c-2"] == ("confirmed", "touched")
    assert standings(run)["c-3"] == ("possible", "shared-credential")
