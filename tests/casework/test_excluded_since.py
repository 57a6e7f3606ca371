"""Who was told of a breach and is excluded since: told so, and no longer owed what it had."""

from pathlib import Path

import pytest

from incidents import obligations
from incidents.documents.missing import MissingFacts
from incidents.notices import Manifest
from incidents.obligations import NOTICE, OWN_FILING
from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, AWARE, BOB, HOUR, MINUTE, NOW
from tests.casework.test_declaring import SAID, reported, statement
from tests.casework.test_letters import send
from tests.casework.test_ticking import C2, SENT
from tests.casework.test_withdrawing import LATER, WHY, acknowledged, body, to_do
from tocsin.app.casework import acts, declaring, duties, people, sending, ticking
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal


def excluded(at: Copy, folder: Path) -> tuple[Desk, int]:
    """Return a desk that told c-2 of a breach by a statement, and excluded it in the next."""
    desk = at("opened")
    number = reported(desk)
    acts.confirm(desk, number, aware_at=AWARE, why="The mail.", principal=ALICE, now=NOW)
    declaring.declare(desk, number, statement(folder), principal=ALICE, now=NOW)
    office.assessed(desk, number)
    made = sending.preview(desk, number, None, principal=ALICE, now=SENT)
    send(desk, made, SENT)
    exclude(desk, number, folder)
    return desk, number


def exclude(desk: Desk, number: int, folder: Path) -> None:
    """State that c-2 was not touched after all."""
    touched, rest = SAID.index("begun_at"), SAID.index('[[customer]]\nid = "c-3"')
    out = SAID[:touched].replace("confirmed", "excluded") + SAID[rest:]
    declaring.declare(desk, number, statement(folder, out), principal=ALICE, now=LATER)


def explained(desk: Desk, number: int) -> Manifest:
    """Say why, and preview."""
    given = Path(desk.config.store.path).parent / "why.toml"
    given.write_text(WHY)
    acts.assess(desk, number, people.read(given), principal=ALICE, now=LATER + MINUTE)
    return sending.preview(desk, number, None, principal=ALICE, now=LATER + 2 * MINUTE)


def test_who_was_told_and_is_excluded_since_is_told_so(at: Copy, tmp_path: Path) -> None:
    desk, number = excluded(at, tmp_path)
    before = office.everything(desk)
    with pytest.raises(MissingFacts) as refused:
        sending.preview(desk, number, None, principal=ALICE, now=LATER + MINUTE)
    assert str(refused.value).count("\n") == 1  # one fact, and not what nobody can give
    assert "[withdrawal]" in str(refused.value)
    assert office.everything(desk) == before
    said = to_do(desk, number=number)
    assert f"incident waive {number} notice-to-customer --customer c-2 --why …" in said
    assert "touched, having been told of a breach: c-2)" in said
    assert "an update" not in said
    made = explained(desk, number)
    assert [(one.customer, one.version) for one in made.notices] == [(C2, 2)]
    assert "are not among those that the incident touched" in body(desk, made, C2)
    keys = send(desk, made, LATER + 2 * MINUTE)
    assert len(keys) == 1


def test_that_there_was_none_is_no_notice_of_one(at: Copy, tmp_path: Path) -> None:
    desk, number = excluded(at, tmp_path)
    made = explained(desk, number)
    send(desk, made, LATER + 2 * MINUTE)
    acknowledged(desk, C2, LATER + HOUR)
    with desk.store.read() as db:
        (one,) = (o for o in obligations.obligations(db, number) if o.clause == NOTICE)
    assert one.is_open
    said = to_do(desk, LATER + HOUR, number)
    assert "withdrawal" not in said
    assert f"incident waive {number} notice-to-customer --customer c-2 --why …" in said
    ways = {"why": "Excluded.", "principal": ALICE, "now": LATER + HOUR}
    duties.waive(desk, number, NOTICE, C2, **ways)  # type: ignore[arg-type] # these
    duties.waive(desk, number, OWN_FILING, **ways)  # type: ignore[arg-type] # these
    acts.close(desk, number, why="Done.", principal=BOB, now=LATER + 2 * HOUR)
    ticking.tick(desk, LATER + 3 * HOUR)
    assert acts.show(desk, number).history.case.assessment == "closed"


def test_who_is_excluded_before_it_was_told_is_told_nothing_and_waived(
    at: Copy, tmp_path: Path
) -> None:
    desk = at("opened")
    number = reported(desk)
    acts.confirm(desk, number, aware_at=AWARE, why="The mail.", principal=ALICE, now=NOW)
    declaring.declare(desk, number, statement(tmp_path), principal=ALICE, now=NOW)
    office.assessed(desk, number)
    exclude(desk, number, tmp_path)
    before = office.everything(desk)
    with pytest.raises(MissingFacts) as refused:
        sending.preview(desk, number, None, principal=ALICE, now=LATER + MINUTE)
    waive = f"`tocsin incident waive {number} notice-to-customer --customer c-2 --why …`"
    asked = [one for one in str(refused.value).splitlines() if "standing: " in one]
    assert len(asked) == 1
    assert waive in asked[0]
    assert "incident impact" not in str(refused.value)
    assert office.everything(desk) == before
    assert waive.strip("`") in to_do(desk, number=number)
    ways = {"why": "Excluded.", "principal": ALICE, "now": LATER + HOUR}
    duties.waive(desk, number, NOTICE, C2, **ways)  # type: ignore[arg-type] # these
    with pytest.raises(Refusal, match="owes no notice to anybody"):
        sending.preview(desk, number, None, principal=ALICE, now=LATER + HOUR)


def test_who_was_told_of_a_suspicion_and_is_ruled_out_by_a_person_is_told_so(
    at: Copy, tmp_path: Path
) -> None:
    desk = at("opened")
    number = reported(desk)
    acts.confirm(desk, number, aware_at=AWARE, why="The mail.", principal=ALICE, now=NOW)
    possible = SAID.replace("confirmed", "possible", 1)
    declaring.declare(desk, number, statement(tmp_path, possible), principal=ALICE, now=NOW)
    office.assessed(desk, number)
    said = {"why": "So it is.", "principal": ALICE}
    duties.decide(desk, number, [C2], "notify", now=NOW + MINUTE, **said)  # type: ignore[arg-type] # these
    send(desk, sending.preview(desk, number, None, principal=ALICE, now=SENT), SENT)
    duties.decide(desk, number, [C2], "exclude", now=LATER, **said)  # type: ignore[arg-type] # these
    assert "touched, having been told of a breach: c-2)" in to_do(desk, number=number)
    made = explained(desk, number)
    assert "that a breach of personal data that we process for you was suspected" in body(
        desk, made, C2
    )
