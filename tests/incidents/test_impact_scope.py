"""A person has a run look further: from earlier on, until later, or at a second identity."""

from datetime import timedelta

import pytest

from incidents import impact
from incidents.impact import Scope
from incidents.impact.scope import Asked, widened
from tests.detectors.streams import ELSEWHERE, OFFICE, START, event
from tests.incidents.archives import NOW, House, S, case, fetch, standings
from tocsin.errors import Refusal
from tocsin.model.events import Event
from tocsin.model.instants import to_us

DAY = timedelta(days=1)
MALLORY = {"actor": "mallory", "credential": "AKIAMALLORY", "ip": "192.0.2.66"}


def days_ago(days: int, key: str, **more: object) -> Event:
    return fetch(round(-days * DAY / S), key, **more)


def test_a_window_that_begins_earlier_shows_what_the_credential_did_then(house: House) -> None:
    one = fetch(0, "c-1/4-1")
    run = house.run(one, also=[days_ago(5, "c-2/4-1")])
    assert standings(run)["c-2"] == ("excluded", "untouched")
    scope = Scope(since=to_us(START - 6 * DAY), why="it began then")
    wider = house.again(one, scope=scope)
    assert standings(wider)["c-2"] == ("confirmed", "touched")
    assert wider.query.since == scope.since
    assert wider.query.until == run.query.until
    assert wider.scope == scope
    assert str(impact.difference(run, wider)[1]).startswith("c-2: excluded → confirmed")


def test_a_window_is_never_narrower_than_usual(house: House) -> None:
    one = fetch(0, "c-1/4-1")
    usual = house.run(one)
    scope = Scope(since=to_us(START), until=to_us(START) + 1, why="a slip")
    run = house.again(one, scope=scope)
    assert (run.query.since, run.query.until) == (usual.query.since, usual.query.until)


@pytest.mark.parametrize("name", ["mallory", "AKIAMALLORY"])
def test_all_that_an_identity_or_key_did_counts_once_a_person_names_it(
    house: House, name: str
) -> None:
    one = fetch(0, "c-1/4-1")
    theirs = [fetch(30, "c-2/4-1", **MALLORY), fetch(31, "c-2/4-2", **{**MALLORY, "ip": OFFICE})]
    run = house.run(one, also=theirs)
    assert standings(run)["c-2"] == ("excluded", "untouched")
    wider = house.again(one, scope=Scope(actors=(name,), why="the same hand"))
    assert standings(wider)["c-2"] == ("confirmed", "touched")
    two = wider.of("c-2")
    assert two is not None
    assert (two.categories[0].records.min, two.lineage) == (2, 2)
    assert standings(wider)["c-3"] == ("excluded", "untouched")


def test_what_a_named_identity_brought_into_being_is_followed(house: House) -> None:
    one = fetch(0, "c-1/4-1")
    made = event(30 * S, "sts", "AssumeRole", issued="key:ASIANEW", **MALLORY)
    its = fetch(60, "c-2/4-1", actor="role", credential="ASIANEW", ip=OFFICE)
    house.put(made, its)
    run = house.run(one, scope=Scope(actors=("mallory",), why="the same hand"))
    assert standings(run)["c-2"] == ("confirmed", "touched")
    assert "ASIANEW" in run.query.credentials


def test_what_was_doubtful_is_not_once_its_owner_is_named(house: House) -> None:
    one, elsewhere = fetch(0, "c-1/4-1"), fetch(100, "c-2/4-1", ip=OFFICE)
    run = house.run(one, also=[elsewhere])
    assert standings(run)["c-2"] == ("possible", "shared-credential")
    wider = house.again(one, scope=Scope(actors=("AKIAALICE",), why="no work of hers"))
    assert standings(wider)["c-2"] == ("confirmed", "touched")
    assert wider.of("c-2").shared == 0  # type: ignore[union-attr] # the register has it


def test_a_name_under_which_nothing_happened_is_refused(house: House) -> None:
    one = fetch(0, "c-1/4-1", ip=ELSEWHERE)
    house.run(one)
    with pytest.raises(Refusal, match="no event of malory is in the window"):
        house.again(one, scope=Scope(actors=("mallory", "malory")[1:], why="a slip"))
    with house.store.read() as db:
        assert len(impact.runs(db, 7)) == 1
        first = impact.runs(db, 7)[0]
        assert impact.outdated(first, impact.present(db, house.archive, case(one), first)) == ()


@pytest.mark.parametrize("name", ["", " ", "\t"])
def test_an_empty_name_is_refused_and_is_nobodys(house: House, name: str) -> None:
    strangers = {"actor": "", "credential": "", "ip": "192.0.2.77"}
    one = fetch(0, "c-1/4-1")
    run = house.run(one, also=[fetch(50, "c-3/4-1", **strangers)])
    with pytest.raises(Refusal, match="--actor: expected an identity or key, got nothing"):
        widened(run, Asked(actors=("mallory", name), why="a slip"), NOW)
    kept = house.again(one, scope=Scope(actors=("",), why="kept before it was refused"))
    assert standings(kept)["c-3"] == ("excluded", "untouched")


def test_a_name_is_taken_without_the_blanks_around_it() -> None:
    asked = Asked(actors=(" mallory ", "mallory"), why="the same hand")
    assert widened(None, asked, NOW).actors == ("mallory",)
