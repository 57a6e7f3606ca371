"""What a person stated of one customer is told to that customer, and what nobody said is not."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from incidents.documents import NoticeFacts, render
from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, AWARE, HOUR, MINUTE, NOW
from tests.casework.test_declaring import reported, statement
from tocsin.app.casework import acts, declaring, duties, filling, known, people, sending
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal

BEGUN = AWARE - 2 * HOUR
ROW = """
[[customer.data]]
category = "contact"
stores = ["a laptop"]
effects = {effects}
records = 12
subjects = 12
people = ["customers"]
"""
OF_TWO = f"""
[[customer]]
id = "c-1"
standing = "confirmed"
why = "Its list was on the laptop."
begun_at = {BEGUN.isoformat()}
{ROW.format(effects='["confidentiality"]')}
[[customer]]
id = "c-2"
standing = "confirmed"
why = "Its only copy was on the laptop."
{ROW.format(effects='["confidentiality", "availability"]')}
"""
LAPTOP = (
    office.FACTS.replace('effects = ["confidentiality"]', 'effects = ["availability"]')
    .replace('cause = "d"', 'cause = "d"\navailability_state = "permanent"')
    .replace('not_yet = ["severity"]', 'not_yet = ["severity", "period"]')
    .replace('exfiltration = "exfiltrated"', 'exfiltration = "tbd"')
)
OPEN = LAPTOP.replace("contained_at = 2026-03-09T12:30:00Z\n", "")


def desk_with(at: Copy, folder: Path, facts: str, said: str = OF_TWO) -> tuple[Desk, int]:
    desk = at("opened")
    number = reported(desk)
    acts.confirm(desk, number, aware_at=AWARE, why="It is.", principal=ALICE, now=NOW)
    declaring.declare(desk, number, statement(folder, said), principal=ALICE, now=NOW)
    give(desk, number, facts)
    return desk, number


def give(desk: Desk, number: int, facts: str) -> None:
    path = Path(desk.config.store.path).parents[1] / "given.toml"
    path.write_text(facts)
    acts.assess(desk, number, people.read(path), principal=ALICE, now=NOW + MINUTE)


def contain(desk: Desk, number: int, *, minutes: int = 0) -> None:
    at = AWARE + timedelta(minutes=minutes)
    more = {"where": "", "why": "Wiped.", "principal": ALICE, "now": NOW}
    acts.contain(desk, number, at=at, **more)  # type: ignore[arg-type] # these


def told(desk: Desk, number: int, customer: str) -> NoticeFacts:
    with desk.store.read() as db:
        world = known.world(desk, db, number)
    return filling.facts(world, customer, version=1, now=NOW + HOUR)


def words(facts: NoticeFacts, language: str = "en") -> str:
    customer = facts.customer.model_copy(update={"language": language})
    files = render(facts.model_copy(update={"customer": customer}))
    return re.sub(r"\s+", " ", files["body.txt"].decode())


def test_who_had_access_is_told_where_somebody_said_so_and_never_from_the_cause(
    at: Copy, tmp_path: Path
) -> None:
    mail = LAPTOP.replace('cause = "d"', 'cause = "a"')
    desk, number = desk_with(at, tmp_path, mail)
    text = words(told(desk, number, "c-1"))
    assert "Cause: Somebody inside, by mistake" in text
    assert "Who had access" not in text
    give(desk, number, mail.replace('cause = "a"', 'cause = "a"\naccessed_by = "recipient"'))
    text = words(told(desk, number, "c-1"))
    assert "Who had access: The recipient to whom the data were sent or shown by mistake." in text
    assert "Qui a eu accès : Le destinataire à qui" in words(told(desk, number, "c-1"), "fr")


def test_that_access_was_stopped_is_told_where_it_was_recorded(at: Copy, tmp_path: Path) -> None:
    desk, number = desk_with(at, tmp_path, OPEN)
    assert "Access stopped: not recorded so far" in words(told(desk, number, "c-1"))
    assert "Accès coupé : non constaté à ce jour" in words(told(desk, number, "c-1"), "fr")
    contain(desk, number)
    text = words(told(desk, number, "c-1"))
    assert "Access stopped: Monday 9 March 2026 at" in text
    assert "Access stopped: not" not in text


def test_two_instants_at_which_access_was_stopped_are_refused(at: Copy, tmp_path: Path) -> None:
    desk, number = desk_with(at, tmp_path, OPEN)
    contain(desk, number)
    before = office.everything(desk)
    with pytest.raises(Refusal, match=r"contained_at is .* recorded as contained since"):
        give(desk, number, LAPTOP)
    assert office.everything(desk) == before
    give(desk, number, LAPTOP.replace("2026-03-09T12:30:00Z", f"{AWARE.isoformat()}"))
    contain(desk, number, minutes=5)
    with pytest.raises(Refusal, match="recorded as contained since"):
        told(desk, number, "c-1")


def test_what_a_person_stated_is_not_said_to_stand_in_the_report(at: Copy, tmp_path: Path) -> None:
    possible = OF_TWO.replace('standing = "confirmed"', 'standing = "possible"', 1)
    desk, number = desk_with(at, tmp_path, OPEN, possible)
    duties.decide(desk, number, ["c-1"], "notify", why="Be safe.", principal=ALICE, now=NOW)
    text = words(told(desk, number, "c-1"), "fr")
    assert "Une personne chez nous l\u2019a jugé possible." in text
    text = words(told(desk, number, "c-2"), "fr")
    assert "Une personne chez nous l\u2019a établi." in text
    assert "Le signalement reçu le dit" not in text


def test_a_period_stated_of_one_customer_stays_though_anothers_is_not_known(
    at: Copy, tmp_path: Path
) -> None:
    desk, number = desk_with(at, tmp_path, OPEN)
    one, other = told(desk, number, "c-1").period, told(desk, number, "c-2").period
    assert other.state == "not_yet"
    assert one.state == "known"
    assert (one.value.begun_at, one.value.ended_at) == (BEGUN, None)
    contain(desk, number)
    one = told(desk, number, "c-1").period
    assert one.state == "known"
    assert (one.value.begun_at, one.value.ended_at) == (BEGUN, AWARE)


def test_a_customer_reads_what_happened_to_its_own_data_alone(at: Copy, tmp_path: Path) -> None:
    desk, number = desk_with(at, tmp_path, OPEN)
    one, other = (words(told(desk, number, each)) for each in ("c-1", "c-2"))
    assert "Kind of breach: Confidentiality: data could be seen" in one
    assert "vailability" not in one
    assert "Loss of access" not in one
    assert "availability: data could not be reached, or were lost" in other
    assert "Loss of access: Permanent" in other


def test_a_missing_number_is_asked_for_with_the_way_to_say_that_it_comes_later(
    at: Copy, tmp_path: Path
) -> None:
    less = OF_TWO.replace("records = 12\n", "").replace("subjects = 12\n", "")
    desk, number = desk_with(at, tmp_path, OPEN, less)
    facts = told(desk, number, "c-1")
    assert facts.records.state == facts.subjects.state == "missing"
    assert 'or not_yet = ["records"]' in facts.records.how
    assert 'or not_yet = ["subjects"]' in facts.subjects.how


def test_what_no_log_tells_of_several_is_refused_in_one_line_with_the_command(
    at: Copy, tmp_path: Path
) -> None:
    proof = LAPTOP.replace('exfiltration = "tbd"', 'exfiltration = "not_exfiltrated_evidence"')
    period = "\n[period]\nbegun_at = 2026-03-08T12:00:00Z\n"
    desk, number = desk_with(at, tmp_path, proof.replace(', "period"', "") + period)
    before = office.everything(desk)
    with pytest.raises(Refusal, match="where no log tells it") as caught:
        sending.preview(desk, number, None, principal=ALICE, now=NOW + HOUR)
    assert office.everything(desk) == before
    assert len(str(caught.value).splitlines()) == 1
    assert f"`tocsin incident assess {number} --facts FILE.toml`" in caught.value.hint
    assert 'exfiltration = "not_assessable" under [nature]' in caught.value.hint
