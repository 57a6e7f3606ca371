"""How far impact looks is what a person says, on record, and holds for every run after it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidents import impact
from incidents.impact.scope import KIND, Asked
from tests.casework import office
from tests.casework.office import ALICE, BOB, HOUR, MINUTE, NOW
from tests.casework.person import Person
from tests.casework.test_beside import AS_MUCH, SAID
from tests.casework.test_declaring import statement
from tocsin.app.casework import declaring, measuring, sending
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal

At = Callable[..., Desk]
LATER = NOW + 3 * HOUR
MIA = "AKIAMIAMIAMIAEXAMPLE"
MIAS = Asked(actors=(MIA,), why="the same hand, says the provider")


def by_mia(number: int, customer: str) -> dict[str, Any]:
    whose = {
        "type": "IAMUser",
        "arn": "arn:aws:iam::111122223333:user/mia",
        "accountId": "111122223333",
        "userName": "mia",
        "accessKeyId": MIA,
    }
    return office.theft(
        number, customer, "0007-01", userIdentity=whose, sourceIPAddress="198.51.100.9"
    )


def read(desk: Desk, *records: dict[str, Any]) -> None:
    folder = Path(desk.config.store.path).parents[1]
    office.write_log(folder, records, f"m{records[0]['eventID']}.json.gz")
    office.passed(folder / "config.toml", LATER)


def noted(desk: Desk) -> list[dict[str, Any]]:
    return [json.loads(one.body or "") for one in office.intact(desk) if one.kind == KIND]


def standing(desk: Desk, customer: str) -> str:
    found = measuring.measured(desk, 1).run.of(customer)
    return str(found.standing) if found else "not there"


def test_whom_a_second_identity_touched_is_found_and_the_reason_is_in_the_ledger(at: At) -> None:
    desk = at("judged")
    read(desk, by_mia(640, "c-3"))
    assert standing(desk, "c-3") != "confirmed"
    made = measuring.measure(desk, 1, asked=MIAS, principal=ALICE, now=LATER)
    assert standing(desk, "c-3") == "confirmed"
    assert "c-3" in [change.customer for change in made.changes]
    assert noted(desk) == [
        {
            "incident": 1,
            "run": made.run.number,
            "since": None,
            "until": None,
            "actors": [MIA],
            "why": MIAS.why,
        }
    ]


def test_later_runs_look_as_far_and_say_it_once(at: At) -> None:
    desk = at("judged")
    read(desk, by_mia(640, "c-3"))
    since = NOW - 100 * HOUR
    first = measuring.measure(desk, 1, asked=MIAS, principal=ALICE, now=LATER).run
    wider = Asked(since=since, why="and earlier")
    measuring.measure(desk, 1, asked=wider, principal=BOB, now=LATER + MINUTE)
    last = measuring.measure(desk, 1, principal=ALICE, now=LATER + HOUR).run
    assert last.scope.actors == first.scope.actors == (MIA,)
    assert last.scope.why == f"{MIAS.why}; and earlier"
    assert last.query.since == last.scope.since
    assert len(noted(desk)) == 2
    read(desk, office.theft(801, "c-1", "0009-09"), office.theft(802, "c-1", "0009-08"))
    again = measuring.measured(desk, 1).run
    assert again.number > last.number  # the service made it
    assert again.principal != str(ALICE)
    assert again.scope == last.scope
    assert standing(desk, "c-3") == "confirmed"
    assert len(noted(desk)) == 2


def test_what_was_widened_can_be_dropped_again(at: At) -> None:
    desk = at("judged")
    read(desk, by_mia(640, "c-3"))
    measuring.measure(desk, 1, asked=MIAS, principal=ALICE, now=LATER)
    usual = Asked(as_usual=True, why="it was somebody else")
    run = measuring.measure(desk, 1, asked=usual, principal=ALICE, now=LATER + MINUTE).run
    assert run.scope.actors == ()
    assert standing(desk, "c-3") != "confirmed"
    assert [one["actors"] for one in noted(desk)] == [[MIA], []]


def test_an_approval_of_what_a_narrower_run_said_does_not_hold(at: At) -> None:
    desk = at("previewed")
    sha256 = office.manifest(desk)
    sending.approve(desk, sha256, principal=BOB, now=NOW + 5 * MINUTE)
    read(desk, by_mia(640, "c-3"))
    measuring.measure(desk, 1, asked=MIAS, principal=ALICE, now=LATER)
    before = office.everything(desk)
    with pytest.raises(Refusal, match=r"is newer|other facts"):
        sending.send(desk, sha256, principal=BOB, now=LATER)
    assert office.everything(desk) == before


REFUSED = {
    "no reason": (Asked(actors=(MIA,)), "why should it look further"),
    "a reason for nothing": (Asked(why="just so"), "nothing it is for"),
    "later than the usual begin": (Asked(since=NOW, why="x"), "anyhow"),
    "earlier than the usual end": (Asked(until=NOW - 90 * HOUR, why="x"), "anyhow"),
    "to come": (Asked(until=LATER + HOUR, why="x"), "still to come"),
    "nobody": (Asked(actors=("AKIANOBODY",), why="x"), "no event of AKIANOBODY"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_widened_is_refused_and_nothing_changes(at: At, case: str) -> None:
    desk, (asked, said) = at("judged"), REFUSED[case]
    before = office.everything(desk)
    with pytest.raises(Refusal, match=said):
        measuring.measure(desk, 1, asked=asked, principal=ALICE, now=LATER)
    assert office.everything(desk) == before


def test_it_is_asked_for_and_shown_on_the_terminal(alice_at: Callable[[str], Person]) -> None:
    alice = alice_at("judged")
    with alice.desk() as desk:
        read(desk, by_mia(640, "c-3"))
    why = "--why", "the same hand"
    said = alice.types(
        "incident", "impact", 1, "--actor", MIA, "--since", "2026-03-01T00:00Z", *why
    )
    looked = f"looked from 2026-03-01 00:00:00 UTC, with all that {MIA} did. Why: the same hand"
    assert looked in said
    assert "differs from before: c-3:" in said
    assert looked in alice.types("incident", "impact", 1, "--show")
    shown = alice.types("incident", "show", 1)
    assert looked in shown
    assert f"counting {MIA} as the attack's" in shown
    assert "Why: the same hand" in shown
    assert "Add --why" in alice.is_refused("incident", "impact", 1, "--actor", MIA)
    assert "Leave --show out" in alice.is_refused(
        "incident", "impact", 1, "--show", "--actor", MIA, *why
    )
    with alice.desk() as desk:
        assert impact.Scope() != measuring.measured(desk, 1).run.scope


def test_what_is_stated_beside_events_leaves_them_as_widened(at: At, tmp_path: Path) -> None:
    desk = at("judged")
    read(desk, by_mia(640, "c-3"))
    scope = measuring.measure(desk, 1, asked=MIAS, principal=ALICE, now=LATER).run.scope
    said = statement(tmp_path, AS_MUCH.replace("c-4", "c-2"))
    with pytest.raises(Refusal, match="c-2"):  # its events tell as much
        declaring.declare(desk, 1, said, principal=ALICE, now=LATER)
    texts = (Path(desk.config.store.path).parents[1] / "registers" / "customers.csv").read_text()
    more = f"{texts.strip()}\nc-4;Amber;en;Europe/London;retail;GB;48;2025-02-01"
    folder = Path(desk.config.store.path).parents[1]
    office.take_registers(desk, office.registers(folder, customers__csv=more))
    made = declaring.declare(desk, 1, statement(tmp_path, SAID), principal=ALICE, now=LATER)
    assert made.run.scope == scope
    assert standing(desk, "c-3") == "confirmed"
    assert standing(desk, "c-4") == "confirmed"
