"""Who was told of a breach that was none is told so, and is not forgotten until then."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from incidents import assessment, notices
from incidents.documents.missing import MissingFacts
from incidents.notices import Manifest
from incidents.notices.coded import coded
from notifiers import outbox
from notifiers.base import Kind, News, Purpose
from notifiers.following import receive
from tests.casework import office
from tests.casework.office import ALICE, AWARE, BOB, HOUR, MINUTE
from tests.casework.person import Person
from tests.casework.test_closing import CLOSE
from tests.casework.test_letters import mails, preview, send, tell
from tests.casework.test_ticking import C1, C2, SENT, letter
from tocsin.app.casework import (
    acts,
    bundling,
    duties,
    following,
    replies,
    sending,
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
    assert (
        "incident assess 1 --facts FILE.toml   ([withdrawal]: why; to be told that it was no"
        in said
    )
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


def test_no_reason_names_another_customer(at: At) -> None:
    desk = told(at)
    dismissed(desk)
    tell(desk, WHY.replace("It was our", "With Maison Lavande, our"), LATER + MINUTE)
    before = office.everything(desk)
    with pytest.raises(Refusal, match=r"withdrawal\.en: has .Maison Lavande., .*c-1, which c-2"):
        preview(desk, now=LATER + 2 * MINUTE)
    assert office.everything(desk) == before


def test_the_whole_way_at_the_command_line(alice_at: Callable[[str], Person]) -> None:
    alice = alice_at("assessed")
    bob = alice.colleague("bob")
    late = '[late_reason]\nfr = "Retard."\nen = "Late."\n'
    given = alice.config.parent / "given.toml"
    given.write_text(late)
    alice.types("incident", "assess", 1, "--facts", given)
    alice.types("notice", "send", approved(alice))
    alice.types("incident", "correct", 1, "--void", "--why", "Our own test.")
    entry = re.search(r"incident agree 1 (\d+)", alice.types("incident", "show", 1))
    assert entry is not None
    bob.types("incident", "agree", 1, entry[1])
    alice.types("incident", "dismiss", 1, "--why", "Our own test.")
    assert "not yet that it was no breach" in bob.is_refused(*CLOSE)
    given.write_text(WHY)
    alice.types("incident", "assess", 1, "--facts", given)
    digest = approved(alice)
    assert "2 messages queued, 2 accepted" in alice.types("notice", "send", digest)
    assert "incident close 1" in alice.types("incident", "show", 1)
    assert "incident 1 is closed" in bob.types(*CLOSE)


def approved(alice: Person) -> str:
    """Preview and approve; return the digest."""
    shown = re.search(r"notice approve ([0-9a-f]{64})", alice.types("notice", "preview", 1))
    assert shown is not None
    alice.types("notice", "approve", shown[1])
    return shown[1]


def test_what_was_sent_and_taken_back_is_in_the_bundle(at: At, tmp_path: Path) -> None:
    desk = told(at)
    dismissed(desk)
    tell(desk, WHY, LATER + MINUTE)
    keys = send(desk, preview(desk, now=LATER + 2 * MINUTE), LATER + 2 * MINUTE)
    sent = mails(desk, keys)
    bundle = bundling.export(desk, 1, tmp_path / "bundle", principal=ALICE, now=LATER + HOUR)
    kept = [path.read_bytes() for path in bundle.rglob("*") if path.is_file()]
    assert len(sent) == 2
    assert all(raw in kept for raw in sent.values())
    assert bundling.verify(bundle, None).passed
