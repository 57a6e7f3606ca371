"""The way as a person goes it, act by act; what is refused says what to do and changes nothing."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from incidents.assessment import Assessment, Attached, Told, original_bytes
from incidents.obligations import NOTICE, OWN_FILING, POSSIBLE
from tests.casework import office
from tests.casework.office import ALICE, AWARE, BOB, HOUR, MINUTE, MORNING, NOW
from tocsin.app.casework import acts, books, bundling, duties, measuring, sending, ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.people import PeoplesFacts
from tocsin.errors import ConfigError, Refusal
from tocsin.model.principals import SERVICE, Principal
from tocsin.registers import Diff

At = Callable[..., Desk]
LATER = NOW + 20 * MINUTE
MAIL = b"From: someone\r\n\r\nYour export reached us.\r\n"
Act = Callable[..., Any]


def told(**more: Any) -> Told:
    said: dict[str, Any] = {
        "title": "An export for another company",
        "what": "They received contacts that are not theirs.",
        "received_at": NOW - 3 * HOUR,
        "reporter": "customer",
        "name": "Harbour Finch",
        "channel": "email",
        "originals": (Attached("mail.eml", "message/rfc822", MAIL),),
    }
    return Told(**{**said, **more})


def refused(desk: Desk, act: Callable[[], Any]) -> str:
    """Return what a refusal says, after which everything is as it was."""
    before = office.everything(desk)
    with pytest.raises(Refusal) as caught:
        act()
    assert office.everything(desk) == before
    assert caught.value.hint
    return f"{caught.value} {caught.value.hint}"


def notice_due(desk: Desk, customer: str) -> datetime:
    (one,) = [
        one
        for one in acts.show(desk, 1).owed
        if one.clause == NOTICE and one.customer == customer and not one.is_void
    ]
    return one.due_at


def confirm(desk: Desk, number: int = 1, **more: Any) -> Any:
    given = {"aware_at": AWARE, "why": "The logs show it.", "principal": ALICE, "now": NOW, **more}
    return acts.confirm(desk, number, **given)


# ---- registers ----------------------------------------------------------------------------------


def test_a_register_is_shown_then_taken_and_a_stale_diff_is_refused(at: At) -> None:
    desk = at("opened")
    folder = Path(desk.config.store.path).parents[1] / "registers"
    path = folder / "customers.csv"
    path.write_text(path.read_text().replace("Harbour Finch", "Harbour & Finch Ltd"))
    (shown,) = books.plans(desk, path, NOW)
    (stale,) = books.plans(desk, path, NOW)
    assert "Harbour & Finch Ltd" in str(shown)
    assert books.customer(desk, "c-2").name == "Harbour Finch"  # looking takes nothing
    books.take(desk, shown, principal=ALICE, now=NOW)
    assert books.customer(desk, "c-2").name == "Harbour & Finch Ltd"
    refused(desk, partial(books.take, desk, stale, principal=ALICE, now=NOW))


def without_c2(desk: Desk) -> Diff:
    """Return what an import of registers would change that do not know customer c-2."""
    folder = Path(desk.config.store.path).parents[1] / "registers"
    for path in folder.glob("*.csv"):
        kept = [one for one in path.read_text().splitlines() if not re.search(r"\bc-2\b", one)]
        path.write_text("\n".join(kept) + "\n")
    (diff,) = [one for one in books.plans(desk, folder, NOW) if isinstance(one, Diff)]
    return diff


def test_who_would_be_gone_while_its_clock_runs_is_warned_of(at: At) -> None:
    desk = at("judged")
    before = office.everything(desk)
    diff = without_c2(desk)
    said = books.warnings(desk, diff)
    assert office.everything(desk) == before
    assert any(f"{NOTICE}, incident 1, due 2026-03-10 13:30 UTC" in one for one in said), said
    assert all(one.startswith("! customer c-2 would be gone while its clock runs") for one in said)


def test_who_would_be_gone_and_is_owed_nothing_is_not_warned_of(at: At) -> None:
    desk = at("opened")
    diff = without_c2(desk)
    assert [one.key for one in diff.changes if one.register == "customer"] == ["c-2"]
    assert books.warnings(desk, diff) == []


def test_a_register_with_faults_names_them_and_is_not_taken(at: At) -> None:
    desk = at("opened")
    path = Path(desk.config.store.path).parents[1] / "registers" / "customers.csv"
    path.write_text(path.read_text().replace(";en;", ";german;").replace("Europe/Paris", "Paris"))
    before = office.everything(desk)
    with pytest.raises(ConfigError) as caught:
        books.plans(desk, path, NOW)
    assert "customers.csv, line 3, language: expected fr or en" in str(caught.value)
    assert "customers.csv, line 2, time_zone" in str(caught.value)
    assert office.everything(desk) == before


def test_a_customer_nobody_knows_is_refused(at: At) -> None:
    desk = at("opened")
    assert "customer list" in refused(desk, partial(books.customer, desk, "c-9"))
    assert "c-8, c-9" in refused(desk, partial(confirm, desk, customers=["c-9", "c-1", "c-8"]))


# ---- the second door ----------------------------------------------------------------------------


def test_a_report_opens_an_incident_from_its_receipt_on_and_keeps_the_original(at: At) -> None:
    desk = at("opened")
    case = acts.report(desk, told(), principal=ALICE, now=NOW)
    assert (case.number, case.assessment) == (2, Assessment.SUSPECTED)
    assert case.known_at == NOW - 3 * HOUR  # not when it was typed in
    (kept,) = case.reports[0].originals
    with desk.store.read() as db:
        assert original_bytes(db, kept.sha256) == MAIL
    strict = [one for one in acts.show(desk, 2).owed if "strict" in one.clause]
    assert [one.due_at for one in strict] == [NOW + 21 * HOUR]  # by the shortest contract


@pytest.mark.parametrize(
    "wrong",
    [
        {"received_at": NOW + HOUR},
        {"received_at": NOW.replace(tzinfo=None)},
        {"what": "  "},
        {"title": ""},
    ],
)
def test_a_report_that_cannot_be_opens_nothing(at: At, wrong: dict[str, Any]) -> None:
    desk = at("opened")
    refused(desk, partial(acts.report, desk, told(**wrong), principal=ALICE, now=NOW))


def test_a_report_that_says_nothing_asks_for_what_was_said(at: At) -> None:
    desk = at("opened")
    said = told(title="", what="  ")
    with pytest.raises(Refusal) as caught:
        acts.report(desk, said, principal=ALICE, now=NOW)
    assert (str(caught.value), caught.value.hint) == (
        "what: the report says nothing",
        "Give `--what`.",
    )


# ---- decisions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"aware_at": NOW + MINUTE},
        {"aware_at": AWARE.replace(tzinfo=None)},
        {"why": " "},
        {"principal": SERVICE},
        {"number": 7},
    ],
)
def test_a_confirmation_that_cannot_be_starts_no_clock(at: At, wrong: dict[str, Any]) -> None:
    desk = at("opened")
    refused(desk, partial(confirm, desk, **wrong))


def test_a_confirmation_starts_the_clocks_of_the_customers_it_names(at: At) -> None:
    desk = at("opened")
    owed = confirm(desk, customers=["c-1", "c-2"])
    due = {one.customer: one.due_at for one in owed if one.clause == NOTICE}
    assert due == {"c-1": AWARE + 48 * HOUR, "c-2": AWARE + 24 * HOUR}
    refused(desk, partial(confirm, desk))  # twice is refused
    refused(desk, partial(acts.dismiss, desk, 1, why="No.", principal=BOB, now=NOW))


def test_a_customer_found_later_has_its_time_from_the_run_that_showed_it(at: At) -> None:
    desk = at("opened")
    confirm(desk, customers=["c-1"])
    made = measuring.measure(desk, 1, principal=BOB, now=NOW + 5 * HOUR)
    assert {one.customer: str(one.standing) for one in made.run.customers} == {
        "c-1": "confirmed",
        "c-2": "confirmed",
        "c-3": "possible",
    }
    assert notice_due(desk, "c-1") == AWARE + 48 * HOUR
    assert notice_due(desk, "c-2") == NOW + 29 * HOUR
    again = measuring.measure(desk, 1, principal=BOB, now=NOW + 6 * HOUR)
    assert again.changes == ()
    assert notice_due(desk, "c-2") == NOW + 29 * HOUR


def test_a_dismissal_ends_what_was_owed_and_can_be_closed_by_a_second_person(at: At) -> None:
    desk = at("opened")
    owed = acts.dismiss(desk, 1, why="Our own test.", principal=ALICE, now=NOW)
    assert not [one for one in owed if one.is_open]
    close = partial(acts.close, desk, 1, why="Nothing to learn.", now=NOW)
    assert "second person" in refused(desk, partial(close, principal=ALICE))
    for name in ("root", "bob"):  # root that nobody signed in to, and what it says of itself
        assert "no login uid" in refused(desk, partial(close, principal=Principal("root", name)))
    assert close(principal=BOB).assessment == Assessment.CLOSED


def test_awareness_moves_earlier_by_one_person_and_later_or_away_by_two(at: At) -> None:
    desk = at("opened")
    confirm(desk, customers=["c-1"])
    correct = partial(acts.correct, desk, 1, why="The mail came first.", now=LATER)
    correct(aware_at=AWARE - HOUR, principal=ALICE)
    assert notice_due(desk, "c-1") == AWARE + 47 * HOUR
    correct(aware_at=AWARE, principal=ALICE)
    assert notice_due(desk, "c-1") == AWARE + 47 * HOUR  # nothing moved yet
    (asked,) = acts.show(desk, 1).history.case.proposals
    agree = partial(acts.agree, desk, 1, entry=asked.entry, now=LATER)
    assert "second person" in refused(desk, partial(agree, principal=ALICE))
    agree(principal=BOB)
    assert notice_due(desk, "c-1") == AWARE + 48 * HOUR
    assert len(acts.show(desk, 1).history.case.corrections) == 2  # both stay to be seen
    correct(aware_at=None, principal=BOB)
    (asked,) = acts.show(desk, 1).history.case.proposals
    owed = acts.agree(desk, 1, entry=asked.entry, principal=ALICE, now=LATER)
    assert all(one.is_void for one in owed if one.clause == NOTICE)


def test_a_possible_customer_is_told_only_when_a_person_says_so(at: At) -> None:
    desk = at("judged")
    decide = partial(duties.decide, desk, 1, principal=BOB, now=LATER)
    assert "confirmed" in refused(desk, partial(decide, ["c-1"], "exclude", why="No."))
    refused(desk, partial(decide, ["c-3"], "wait", why="Logs come."))  # until when?
    owed = decide(["c-3"], "notify", why="Logs are missing.")
    (possible,) = [one for one in owed if one.clause == POSSIBLE]
    assert possible.met_at == LATER
    assert notice_due(desk, "c-3") == LATER + 48 * HOUR


def test_working_and_privileged_notes_never_leave_the_house(at: At, tmp_path: Path) -> None:
    desk = at("opened")
    kinds = ("fact", "working", "privileged")
    for kind in kinds:
        acts.note(desk, 1, text=f"it is {kind}", kind=kind, principal=BOB, now=NOW)  # type: ignore[arg-type] # of these
    refused(desk, partial(acts.note, desk, 1, text=" ", kind="fact", principal=BOB, now=NOW))
    folder = bundling.export(desk, 1, tmp_path / "b", principal=BOB, now=NOW)
    said = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert [f"it is {kind}".encode() in said for kind in kinds] == [True, False, False]


def test_contained_is_a_fact_with_an_instant_not_in_the_future(at: At) -> None:
    desk = at("opened")
    contain = partial(acts.contain, desk, 1, where="", why="Key revoked.", principal=BOB)
    case = contain(at=NOW, now=LATER)
    assert [(one.what, one.at) for one in case.facts] == [("contained", NOW)]
    refused(desk, partial(contain, at=LATER + MINUTE, now=LATER))
    refused(desk, partial(acts.contain, desk, 9, at=NOW, where="", why="x", principal=BOB, now=NOW))


def test_a_breach_closes_when_nothing_is_owed_and_by_a_second_person(at: At) -> None:
    desk = at("judged")
    close = partial(acts.close, desk, 1, why="Keys expire now.", now=LATER)
    said = refused(desk, partial(close, principal=BOB))
    for clause in (NOTICE, OWN_FILING, POSSIBLE):
        assert clause in said
    duties.decide(desk, 1, ["c-3"], "exclude", why="Logs came.", principal=BOB, now=LATER)
    for customer in ("c-1", "c-2"):
        waive = partial(duties.waive, desk, 1, NOTICE, customer, principal=BOB, now=LATER)
        refused(desk, partial(waive, why=" "))
        waive(why="Told by hand.")
    filed = partial(duties.filed, desk, 1, principal=BOB, now=LATER)
    refused(desk, partial(filed, at=LATER, reference=" "))
    refused(desk, partial(filed, at=LATER + MINUTE, reference="CNIL-1"))
    filed(at=NOW, reference="CNIL-1")
    assert "second person" in refused(desk, partial(close, principal=ALICE))
    for name in ("root", "bob"):  # root that nobody signed in to, and what it says of itself
        assert "no login uid" in refused(desk, partial(close, principal=Principal("root", name)))
    assert close(principal=BOB).assessment == Assessment.CLOSED


def test_what_is_late_is_closed_only_with_its_reason(at: At) -> None:
    desk = at("opened")
    confirm(desk, customers=["c-2"])
    late = NOW + 30 * HOUR
    duties.filed(desk, 1, at=late, reference="CNIL-1", principal=BOB, now=late)
    explain = partial(duties.explain, desk, 1, NOTICE, "c-2", principal=BOB)
    assert "not late" in refused(desk, partial(explain, why="The relay.", now=NOW))
    explain(why="The relay was down.", now=late)
    (one,) = [one for one in acts.show(desk, 1).owed if one.clause == NOTICE]
    assert one.late_reason == "The relay was down."
    for wrong in ((OWN_FILING, "c-2"), ("letter", "c-2"), (NOTICE, "c-9")):
        refused(desk, partial(duties.explain, desk, 1, *wrong, why="x", principal=BOB, now=late))


# ---- what was known -----------------------------------------------------------------------------


def test_what_was_known_at_an_instant_is_shown_as_it_was_then(at: At) -> None:
    desk = at("opened")
    confirm(desk, customers=["c-1"])
    measuring.measure(desk, 1, principal=BOB, now=NOW + 5 * HOUR)
    then = acts.show(desk, 1, as_of=NOW + HOUR)
    assert then.run is None
    assert {one.customer for one in then.owed if one.clause == NOTICE} == {"c-1"}
    before = acts.show(desk, 1, as_of=NOW - timedelta(seconds=0))
    assert before.history.case.awareness is not None  # written down at that very instant
    assert "was known at" in refused(desk, partial(acts.show, desk, 1, as_of=MORNING))
    assert "zone" in refused(desk, partial(acts.show, desk, 1, as_of=NOW.replace(tzinfo=None)))
    assert {one.customer for one in acts.show(desk, 1).owed if one.clause == NOTICE} == {
        "c-1",
        "c-2",
    }


def test_messages_that_came_later_are_not_shown_as_known_before(at: At) -> None:
    desk = at("previewed")
    sha256 = office.manifest(desk)
    sending.approve(desk, sha256, principal=ALICE, now=LATER)
    sending.send(desk, sha256, principal=ALICE, now=LATER)
    assert [one for one in acts.show(desk, 1).messages if one.customer]
    then = acts.show(desk, 1, as_of=LATER - MINUTE)
    assert not [one for one in then.messages if one.customer]
    ticking.deliver(desk, LATER + HOUR)
    for as_of, word in ((LATER, "waiting"), (LATER + 2 * HOUR, "accepted")):
        then = acts.show(desk, 1, as_of=as_of)
        assert {one.word for one in then.messages if one.customer} == {word}


def test_an_incident_nobody_knows_is_refused_by_every_act(at: At, tmp_path: Path) -> None:
    desk = at("opened")
    by: dict[str, Any] = {"principal": ALICE, "now": NOW}
    every: list[Callable[[], Any]] = [
        lambda: acts.show(desk, 9),
        lambda: sending.standings(desk, 9),
        lambda: confirm(desk, 9),
        lambda: acts.dismiss(desk, 9, why="x", **by),
        lambda: acts.correct(desk, 9, aware_at=NOW, why="x", **by),
        lambda: acts.agree(desk, 9, entry=1, **by),
        lambda: acts.note(desk, 9, text="x", kind="fact", **by),
        lambda: acts.close(desk, 9, why="x", **by),
        lambda: measuring.measure(desk, 9, **by),
        lambda: acts.assess(desk, 9, PeoplesFacts(), **by),
        lambda: duties.decide(desk, 9, ["c-1"], "notify", why="x", **by),
        lambda: sending.preview(desk, 9, None, **by),
        lambda: bundling.export(desk, 9, tmp_path / "b", **by),
    ]
    for act in every:
        said = refused(desk, act)
        assert "no incident 9" in said, said
        assert "incident list" in said
    assert not (tmp_path / "b").exists()
