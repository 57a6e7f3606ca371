"""What to do now names no command that is refused, and forgets nobody who was told otherwise."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from incidents.obligations import NOTICE, OWN_FILING
from notifiers.base import Purpose
from tests.casework import office
from tests.casework.office import ALICE, BOB, HOUR, MINUTE, NOW
from tests.casework.test_letters import preview, send, tell
from tests.casework.test_ticking import C1, C2, SENT, letter
from tocsin.app.casework import acts, duties, following, letters, measuring, sending
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal

At = Callable[..., Desk]
SOON = NOW + 10 * MINUTE
OTHER = """
[narrative]
fr = "La clé d'un employé a servi deux fois."
en = "An employee's key was used twice."
"""
NEW = '[changes]\nfr = "La clé."\nen = "The key."\n'


def commands(desk: Desk, now: datetime = SOON) -> list[str]:
    return [one for one in following.commands(acts.show(desk, 1, now=now)) if " notice " in one]


def updates(desk: Desk, now: datetime) -> list[str]:
    """Return what is said of updates; looking changes nothing."""
    before = office.everything(desk)
    said = list(following.commands(acts.show(desk, 1, now=now)))
    assert office.everything(desk) == before
    return [one for one in said if "an update" in one]


def test_a_manifest_that_holds_is_to_be_approved_and_then_sent(at: At) -> None:
    desk = at("previewed")
    sha256 = office.manifest(desk)
    assert f"tocsin notice approve {sha256}" in commands(desk)
    assert not [one for one in commands(desk) if "preview" in one]
    sending.approve(desk, sha256, principal=ALICE, now=SOON)
    assert f"tocsin notice send {sha256}" in commands(desk)
    assert f"tocsin notice approve {sha256}" not in commands(desk)


def test_where_two_must_say_yes_one_yes_sends_nothing(at: At) -> None:
    desk = at("previewed")
    settings = desk.config.notifiers.model_copy(update={"approvers": 2})
    desk.config = desk.config.model_copy(update={"notifiers": settings})
    sha256 = office.manifest(desk)
    sending.approve(desk, sha256, principal=ALICE, now=SOON)
    other = "   (another person than shell:alice)"
    assert f"tocsin notice approve {sha256}{other}" in commands(desk)
    sending.approve(desk, sha256, principal=BOB, now=SOON)
    assert f"tocsin notice send {sha256}" in commands(desk)


@pytest.mark.parametrize("is_approved", [False, True])
def test_of_one_that_holds_no_more_a_new_preview_is_named(at: At, is_approved: bool) -> None:
    desk = at("previewed")
    sha256 = office.manifest(desk)
    if is_approved:
        sending.approve(desk, sha256, principal=ALICE, now=SOON)
    tell(desk, OTHER, now=SOON)
    said = commands(desk, SOON + MINUTE)
    assert not [one for one in said if sha256 in one]
    assert f"tocsin notice preview 1 --customer {C1} --customer {C2}   (then approve" in "".join(
        said
    )
    before = office.everything(desk)
    act = sending.send if is_approved else sending.approve
    with pytest.raises(Refusal, match="other facts"):
        act(desk, sha256, principal=ALICE, now=SOON + MINUTE)
    assert office.everything(desk) == before


def test_one_that_is_late_by_now_without_a_reason_is_not_named(at: At) -> None:
    desk = at("previewed")
    sha256 = office.manifest(desk)
    assert not [one for one in commands(desk, NOW + timedelta(days=9)) if sha256 in one]


def test_who_was_told_otherwise_is_owed_an_update_until_it_is_prepared(at: At) -> None:
    desk = at("assessed")
    send(desk, preview(desk, now=SENT), SENT)
    assert not [one for one in commands(desk, SENT + MINUTE) if "preview" in one]
    tell(desk, OTHER, now=SENT + MINUTE)
    (asked,) = updates(desk, SENT + HOUR)
    assert asked.startswith(
        "tocsin incident assess 1 --facts FILE.toml   ([changes]: an update to "
    )
    assert asked.endswith("c-1, c-2 is owed, as the notice before says otherwise of narrative)")
    tell(desk, NEW, now=SENT + HOUR)
    (update,) = updates(desk, SENT + HOUR)
    assert update.startswith(f"tocsin notice preview 1 --customer {C1} --customer {C2}   ")
    assert update.endswith("(an update: the notice before says otherwise of narrative)")
    made = preview(desk, C1, now=SENT + HOUR + MINUTE)
    said = commands(desk, SENT + HOUR + 2 * MINUTE)
    assert f"tocsin notice approve {made.sha256}" in said
    assert [C2 in one for one in said if "an update" in one] == [True]
    send(desk, made, SENT + 2 * HOUR)
    assert [C2 in one for one in commands(desk, SENT + 3 * HOUR) if "an update" in one] == [True]


def test_an_update_that_is_on_its_way_is_not_owed_again(at: At) -> None:
    desk = at("assessed")
    send(desk, preview(desk, now=SENT), SENT)
    tell(desk, OTHER + NEW, now=SENT + MINUTE)
    made = preview(desk, now=SENT + HOUR)
    sending.approve(desk, made.sha256, principal=ALICE, now=SENT + HOUR)
    keys = sending.send(desk, made.sha256, principal=ALICE, now=SENT + HOUR)
    assert updates(desk, SENT + HOUR) == []
    for key in keys:
        if (one := letters.standing(desk, key)).customer == C1 and one.purpose == Purpose.NOTICE:
            letters.cancel(desk, key, why="Held.", principal=ALICE, now=SENT + HOUR)
    (said,) = updates(desk, SENT + HOUR)
    assert f"preview 1 --customer {C1}   " in said


@pytest.mark.parametrize("word", ["waiting", "cancelled"])
def test_who_has_no_notice_yet_is_owed_no_update(at: At, word: str) -> None:
    desk = at("assessed")
    made = preview(desk, now=SENT)
    sending.approve(desk, made.sha256, principal=ALICE, now=SENT)
    sending.send(desk, made.sha256, principal=ALICE, now=SENT)
    if word == "cancelled":
        letters.cancel(desk, letter(desk, C1), why="Held.", principal=ALICE, now=SENT)
    tell(desk, OTHER + NEW, now=SENT + MINUTE)
    assert updates(desk, SENT + HOUR) == []


def recounted(desk: Desk) -> None:
    folder = desk.config.evidence.key.parents[1]
    text = (folder / "registers" / "inventory.csv").read_text().replace("2026-03-01", "2026-03-02")
    office.take_registers(desk, office.registers(folder, inventory__csv=text), SENT)
    measuring.measure(desk, 1, principal=BOB, now=SENT + MINUTE)


def corrected(desk: Desk) -> None:
    at = office.AWARE - HOUR
    acts.correct(desk, 1, aware_at=at, why="Seen before.", principal=BOB, now=SENT + MINUTE)


def fewer(desk: Desk) -> None:
    folder = desk.config.evidence.key.parents[1]
    text = (folder / "registers" / "inventory.csv").read_text().replace(";100;40;", ";2;1;")
    office.take_registers(desk, office.registers(folder, inventory__csv=text), SENT)
    measuring.measure(desk, 1, principal=BOB, now=SENT + MINUTE)


@pytest.mark.parametrize(
    ("change", "named"), [(recounted, ""), (corrected, "aware_at"), (fewer, "subjects")]
)
def test_what_a_customer_does_not_know_is_owed_and_nothing_else(
    at: At, change: Callable[[Desk], None], named: str
) -> None:
    desk = at("assessed")
    send(desk, preview(desk, now=SENT), SENT)
    change(desk)
    said = updates(desk, SENT + HOUR)
    assert [named in one for one in said] == [True] * bool(named), said


def test_a_message_that_was_promised_is_owed_when_its_time_has_come(at: At) -> None:
    desk = at("assessed")
    promised = SENT + 2 * HOUR
    tell(desk, f"next_update_at = {promised.isoformat()}\n", SENT - MINUTE)
    send(desk, preview(desk, now=SENT), SENT)
    assert updates(desk, promised - MINUTE) == []
    (said,) = updates(desk, promised)
    assert f"the notice before promised it by {promised:%Y-%m-%dT%H:%MZ}" in said


def test_without_a_channel_nothing_approved_is_to_be_sent(at: At) -> None:
    desk = at("assessed", "")
    sha256 = office.previewed(desk)
    sending.approve(desk, sha256, principal=ALICE, now=SOON)
    said = list(following.commands(acts.show(desk, 1, now=SOON)))
    assert not any("notice send" in one for one in said)
    assert any(one.startswith("tocsin check   (no channel for e-mail") for one in said)


def test_where_our_key_cannot_be_read_what_was_previewed_can_be_approved(at: At) -> None:
    desk = at("previewed")
    sha256 = office.manifest(desk)
    desk.config.evidence.key.write_text("no key")
    assert [one for one in commands(desk) if sha256 in one]


def test_closing_names_what_waits_for_a_yes_and_no_new_preview(at: At) -> None:
    desk = at("previewed")
    before = office.everything(desk)
    with pytest.raises(Refusal, match="notice-to-customer to c-1 is running") as told:
        acts.close(desk, 1, why="Done.", principal=BOB, now=SOON)
    assert office.everything(desk) == before
    assert f"tocsin notice approve {office.manifest(desk)}" in told.value.hint
    assert "notice preview" not in told.value.hint


def test_closing_is_named_only_once_nothing_keeps_it_open(at: At) -> None:
    desk = at("assessed")
    late = NOW + timedelta(days=9)
    duties.decide(desk, 1, ["c-3"], "exclude", why="No event.", principal=BOB, now=SENT)
    duties.filed(desk, 1, reference="2026-0471", at=late, principal=BOB, now=late)
    for customer in (C1, C2):
        duties.waive(desk, 1, NOTICE, customer, why="None of it.", principal=BOB, now=SENT)
    said = list(following.commands(acts.show(desk, 1, now=late)))
    assert not any(one.is_open for one in acts.show(desk, 1).owed)
    assert "tocsin incident explain 1 own-filing --why …" in said
    assert not any("incident close" in one for one in said)
    duties.explain(desk, 1, OWN_FILING, why="Their page was down.", principal=BOB, now=late)
    said = list(following.commands(acts.show(desk, 1, now=late)))
    assert [one for one in said if "incident close" in one]
