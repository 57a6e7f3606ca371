"""Who was told of a breach that was none is told so, and is not forgotten until then."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from incidents import assessment, notices, obligations
from incidents.documents.missing import MissingFacts
from incidents.notices import Manifest
from incidents.notices.coded import coded
from incidents.obligations import NOTICE, OWN_FILING
from notifiers import outbox
from notifiers.base import Kind, News, Purpose
from notifiers.following import receive
from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, AWARE, BOB, HOUR, MINUTE, NOW
from tests.casework.test_declaring import SAID, reported, statement
from tests.casework.test_letters import preview, send, tell
from tests.casework.test_ticking import C1, C2, SENT, letter
from tocsin.app.casework import (
    acts,
    declaring,
    duties,
    following,
    people,
    replies,
    sending,
    ticking,
)
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal
from tocsin.model.principals import SERVICE

At = Callable[..., Desk]
LATER = SENT + 2 * HOUR
WHY = '[withdrawal]\nfr = "Notre propre test."\nen = "It was our own test."\n'
NO_BREACH = {C1: "that it was no breach", C2: "that it was no breach"}


def told(at: At) -> Desk:
    """Return a desk that told c-1 and c-2 of a breach, and c-1 has acknowledged it."""
    desk = at("assessed")
    send(desk, preview(desk, now=SENT), SENT)
    acknowledged(desk, C1, SENT + MINUTE)
    return desk


def acknowledged(desk: Desk, customer: str, now: object) -> None:
    with desk.store.read() as db:
        code = [one.code for one in coded(db) if one.customer == customer][-1]
    heard = {"by": "Hélène", "channel": "phone", "principal": ALICE}
    replies.acknowledge(desk, code, at=now, now=now, **heard)  # type: ignore[arg-type] # these


def voided(desk: Desk) -> None:
    void = {"aware_at": None, "why": "It was our own test."}
    acts.correct(desk, 1, **void, principal=ALICE, now=LATER)  # type: ignore[arg-type] # these
    entry = acts.show(desk, 1).history.case.proposals[0].entry
    acts.agree(desk, 1, entry=entry, principal=BOB, now=LATER)


def dismissed(desk: Desk) -> None:
    voided(desk)
    acts.dismiss(desk, 1, why="It was our own test.", principal=ALICE, now=LATER)


def to_do(desk: Desk, now: object = LATER + MINUTE, number: int = 1) -> str:
    """Return what to do now; looking changes nothing."""
    before = office.everything(desk)
    said = "\n".join(following.commands(acts.show(desk, number, now=now)))  # type: ignore[arg-type]
    assert office.everything(desk) == before
    return said


def closed(desk: Desk, now: object = LATER + HOUR, **more: object) -> None:
    how = {"why": "All done.", "principal": BOB, "now": now, **more}
    acts.close(desk, 1, **how)  # type: ignore[arg-type] # these


def body(desk: Desk, made: Manifest, customer: str, name: str = "body.txt") -> str:
    (one,) = (each for each in made.notices if each.customer == customer)
    with desk.store.read() as db:
        return re.sub(r"\s+", " ", notices.file_of(db, one.files[name]).decode())


def test_who_was_told_of_a_breach_that_was_none_stays_to_be_told(at: At) -> None:
    desk = told(at)
    dismissed(desk)
    said = to_do(desk)
    assert "incident assess 1 --facts FILE.toml   ([withdrawal]: why; c-1, c-2 was told" in said
    assert "incident close" not in said
    before = office.everything(desk)
    with pytest.raises(Refusal) as refused:
        closed(desk)
    for customer, what in NO_BREACH.items():
        assert f"{customer} was told of a breach, and not yet {what}" in str(refused.value)
    assert "[withdrawal]" in refused.value.hint
    assert office.everything(desk) == before


def test_while_it_may_still_be_one_nobody_is_told_that_it_is_none(at: At) -> None:
    desk = told(at)
    voided(desk)
    assert "withdrawal" not in to_do(desk)
    tell(desk, WHY, LATER + MINUTE)
    before = office.everything(desk)
    with pytest.raises(Refusal, match="owes no notice to anybody"):
        preview(desk, now=LATER + 2 * MINUTE)
    assert office.everything(desk) == before


def test_whom_no_notice_reached_is_told_nothing(at: At) -> None:
    desk = at("assessed")
    send(desk, preview(desk, C1, now=SENT), SENT)
    with desk.store.begin() as db:
        gone = News(Kind.BOUNCED, "no such address")
        receive(db, letter(desk, C1), 1, gone, principal=SERVICE, now=SENT + MINUTE)
    dismissed(desk)
    assert "withdrawal" not in to_do(desk)
    closed(desk)
    assert acts.show(desk, 1).history.case.assessment == "closed"


def test_it_is_told_by_a_notice_of_its_own(at: At) -> None:
    desk = told(at)
    dismissed(desk)
    tell(desk, WHY, LATER + MINUTE)
    now = LATER + 2 * MINUTE
    assert f"notice preview 1 --customer {C1} --customer {C2}   (that it was no" in to_do(desk, now)
    made = preview(desk, now=now)
    assert [(one.customer, one.version) for one in made.notices] == [(C1, 2), (C2, 2)]
    assert f"notice approve {made.sha256}" in to_do(desk, now)
    english, french = body(desk, made, C2), body(desk, made, C1)
    assert "there was no breach of personal data" in english
    assert "It was our own test." in english
    assert "In notice 1, sent on Monday 9 March 2026 at 14:10" in english
    assert "pas eu de violation" in french
    assert "[WITHDRAWN]" in body(desk, made, C2, "subject.txt")
    keys = send(desk, made, now)
    with desk.store.read() as db:
        found = [one for one in outbox.standings(db, incident=1) if one.key in keys]
        codes = {one.code for one in coded(db)}
    assert {one.purpose for one in found} == {Purpose.NOTICE}  # nobody is called
    assert {one.word for one in found} == {"accepted"}
    assert len(codes) == 4
    said = to_do(desk, now + MINUTE)
    assert "notice" not in said
    assert "incident close 1" in said
    with pytest.raises(Refusal, match="owes no notice to anybody"):
        preview(desk, now=now + MINUTE)
    closed(desk)
    assert acts.show(desk, 1).history.case.assessment == "closed"
    office.intact(desk)


def test_why_is_asked_for_and_words_of_before_do_not_count(at: At) -> None:
    desk = at("assessed")
    tell(desk, WHY, SENT - MINUTE)
    send(desk, preview(desk, now=SENT), SENT)
    tell(desk, WHY, SENT + MINUTE)  # of c-2 alone, say, while it was a breach still
    dismissed(desk)
    assert "([withdrawal]: why" in to_do(desk)
    before = office.everything(desk)
    with pytest.raises(MissingFacts, match=r"withdrawal: .*\[withdrawal\].*text in en, fr"):
        preview(desk, now=LATER + MINUTE)
    assert office.everything(desk) == before


def test_one_that_waits_is_on_its_way_and_tells_nobody_yet(at: At) -> None:
    desk = told(at)
    dismissed(desk)
    tell(desk, WHY, LATER + MINUTE)
    made = preview(desk, now=LATER + 2 * MINUTE)
    sending.approve(desk, made.sha256, principal=ALICE, now=LATER + 2 * MINUTE)
    sending.send(desk, made.sha256, principal=ALICE, now=LATER + 2 * MINUTE)
    assert "notice status 1   (on its way to c-1, c-2: that it was no breach)" in to_do(desk)
    before = office.everything(desk)
    with pytest.raises(Refusal, match="c-2 was told of a breach"):
        closed(desk)
    assert office.everything(desk) == before


def test_it_can_be_closed_over_them_and_they_are_named_on_record(at: At) -> None:
    desk = told(at)
    dismissed(desk)
    closed(desk, untold=True)
    with desk.store.read() as db:
        last = assessment.show(db, 1).entries[-1]
    assert last.read().why == (  # type: ignore[union-attr] # it is the closing
        "All done. (c-1 was told of a breach, and not yet that it was no breach; "
        "c-2 was told of a breach, and not yet that it was no breach)"
    )


def test_what_is_owed_is_not_closed_over_with_them(at: At) -> None:
    desk = told(at)
    before = office.everything(desk)
    with pytest.raises(Refusal, match="own-filing to operator"):
        closed(desk, untold=True)
    assert office.everything(desk) == before


def test_what_was_rendered_as_an_update_is_not_sent_once_it_is_none(at: At) -> None:
    desk = told(at)
    tell(desk, '[changes]\nfr = "Plus."\nen = "More."\n', SENT + HOUR)
    made = preview(desk, now=SENT + HOUR + MINUTE)
    dismissed(desk)
    before = office.everything(desk)
    with pytest.raises(Refusal, match="of kind update; it would be one of kind withdrawn now"):
        sending.approve(desk, made.sha256, principal=ALICE, now=LATER)
    assert office.everything(desk) == before


def test_what_was_taken_back_and_is_a_breach_after_all_is_owed_an_update(at: At) -> None:
    desk = told(at)
    dismissed(desk)
    tell(desk, WHY, LATER + MINUTE)
    send(desk, preview(desk, now=LATER + 2 * MINUTE), LATER + 2 * MINUTE)
    now = LATER + HOUR
    duties.reopen(desk, 1, why="It was not our test.", principal=ALICE, now=now)
    acts.confirm(desk, 1, aware_at=AWARE, why="A stranger.", principal=ALICE, now=now)
    said = to_do(desk, now)
    assert "an update to c-1, c-2 is owed, as the notice before says that there was no" in said
    tell(desk, '[changes]\nfr = "Si."\nen = "It was one."\n', now + MINUTE)
    made = preview(desk, now=now + 2 * MINUTE)
    assert [(one.customer, one.version) for one in made.notices] == [(C1, 3), (C2, 3)]
    assert "It was one." in body(desk, made, C2)


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
    assert "told that its data are not among those touched" in said
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
