"""A key that is lost, or another in its place: notices go out, none is made, `check` fails."""

from collections.abc import Callable
from pathlib import Path

import pytest

from incidents.notices.kept import facts_of
from incidents.notices.manifest import Manifest
from notifiers import outbox
from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, BOB, HOUR, MINUTE, NOW
from tests.casework.person import Person
from tocsin.app import checking
from tocsin.app.casework import bundling, rotating, sending, signing, ticking
from tocsin.app.casework.desk import Desk
from tocsin.errors import ConfigError, LedgerError, Refusal
from tocsin.ledger.history import known_keys
from tocsin.ledger.keys import open_key
from tocsin.ledger.standing import look_over
from tocsin.model.principals import Principal

SENT = NOW + 10 * MINUTE
TWO = f"[notifiers]\napprovers = 2\n{office.FILES}"
WHY = "The disk of the old machine is gone."


def removed(path: Path) -> None:
    path.unlink()


def strange(path: Path) -> None:
    path.unlink()
    open_key(path)


def damaged(path: Path) -> None:
    path.write_bytes(b"")


def open_to_others(path: Path) -> None:
    path.chmod(0o644)


LOST = pytest.mark.parametrize("lose", [removed, strange, damaged])
GONE = pytest.mark.parametrize("lose", [removed, strange, damaged, open_to_others])
Lose = Callable[[Path], None]


def approved(desk: Desk) -> str:
    sha256 = office.manifest(desk)
    sending.approve(desk, sha256, principal=BOB, now=SENT)
    return sha256


def printed(desk: Desk, made: Manifest) -> set[str]:
    """Return the keys that letters print."""
    with desk.store.read() as db:
        return {one.processor.signing_key for one in facts_of(db, made)}


def files(desk: Desk) -> dict[str, bytes]:
    path = desk.config.evidence.key
    return {one.name: one.read_bytes() for one in path.parent.glob(f"*{path.name}*")}


def known(desk: Desk) -> str:
    with desk.store.read() as db:
        return known_keys(db)[-1].fingerprint


def check(desk: Desk) -> checking.Answer:
    (found,) = (one for one in checking.ask(desk.config, NOW) if one.part == "key")
    return found


@GONE
def test_what_was_approved_goes_out_and_the_clock_goes_on(at: Copy, lose: Lose) -> None:
    desk = at("previewed")
    sha256 = approved(desk)
    lose(desk.config.evidence.key)
    before = files(desk)
    keys = sending.send(desk, sha256, principal=ALICE, now=SENT)
    ticking.tend(desk, SENT)
    with desk.store.read() as db:
        assert {outbox.standing(db, key).word for key in keys} == {"accepted"}
        found = look_over(db)
    assert (found.faults, found.checkpoints) == ((), 0)
    assert files(desk) == before


@GONE
def test_a_preview_prints_the_key_that_the_ledger_knows(
    at: Copy, tmp_path: Path, lose: Lose
) -> None:
    desk = at("previewed")
    ours = known(desk)
    lose(desk.config.evidence.key)
    before = files(desk)
    made = sending.preview(desk, 1, tmp_path / "out", principal=ALICE, now=SENT)
    assert printed(desk, made) == {ours}
    text = (tmp_path / "out" / "c-2" / "body.txt").read_text()
    assert f"Our signing key: {ours}" in " ".join(text.split())
    assert files(desk) == before
    (said,) = signing.warnings(desk)
    assert "cannot be signed" in said
    assert str(desk.config.evidence.key) in said
    assert f"Letters print the key that the ledger knows, {ours}" in said
    assert said in sending.warnings(desk, 1)
    sending.approve(desk, made.sha256, principal=BOB, now=SENT)
    assert sending.send(desk, made.sha256, principal=ALICE, now=SENT)


@LOST
def test_a_first_notice_needs_no_key_for_its_code(at: Copy, lose: Lose) -> None:
    desk = at("judged")
    signing.Signer().sign(desk, NOW)
    lose(desk.config.evidence.key)
    office.assessed(desk)
    sha256 = office.previewed(desk)
    with desk.store.read() as db:
        codes = {one.acknowledgement_code for one in facts_of(db, Manifest.parse(body(desk)))}
    assert len(codes) == 2
    assert all(len(code) == len("K7QD-2MXA") for code in codes)
    sending.approve(desk, sha256, principal=BOB, now=SENT)
    assert sending.send(desk, sha256, principal=ALICE, now=SENT)


def body(desk: Desk) -> str:
    (found,) = (row for row in office.everything(desk)["notice_manifest"])
    return next(field for field in found if isinstance(field, str) and field.startswith("{"))


def test_a_key_that_comes_back_keeps_what_was_approved_without_it(at: Copy) -> None:
    desk = at("judged")
    signing.Signer().sign(desk, NOW)
    path = desk.config.evidence.key
    content = path.read_bytes()
    path.unlink()
    office.assessed(desk)
    office.previewed(desk)
    sha256 = approved(desk)
    path.touch(0o600)
    path.write_bytes(content)
    assert sending.send(desk, sha256, principal=ALICE, now=SENT)
    with desk.store.read() as db:
        assert look_over(db).unsigned == 0


@GONE
def test_check_names_the_key_the_trouble_and_the_remedy(at: Copy, lose: Lose) -> None:
    desk = at("previewed")
    fine = check(desk)
    assert fine.works
    assert known(desk) in fine.said
    lose(desk.config.evidence.key)
    before = office.everything(desk), files(desk)
    found = check(desk)
    assert not found.works
    assert str(desk.config.evidence.key) in found.said
    assert "chmod 600" in found.hint or "rotate-key --lost" in found.hint
    assert (office.everything(desk), files(desk)) == before


def test_check_makes_no_key(at: Copy) -> None:
    desk = at("judged")
    found = check(desk)
    assert found.works
    assert "will be made on first use" in found.said
    assert files(desk) == {}


@GONE
def test_no_bundle_is_made_without_the_key(at: Copy, tmp_path: Path, lose: Lose) -> None:
    desk = at("previewed")
    lose(desk.config.evidence.key)
    before = office.everything(desk), files(desk)
    with pytest.raises((ConfigError, LedgerError)) as raised:
        bundling.export(desk, 1, tmp_path / "b", principal=ALICE, now=SENT)
    assert "rotate-key" in raised.value.hint
    assert (office.everything(desk), files(desk)) == before
    assert not (tmp_path / "b").exists()


def test_a_rotated_key_signs_and_notices_not_sent_yet_are_previewed_again(
    at: Copy, tmp_path: Path
) -> None:
    desk = at("previewed")
    sha256, before = approved(desk), known(desk)
    old = open_key(desk.config.evidence.key).public.pem
    done = rotating.rotate(desk, why="Once a year.", principal=ALICE, now=SENT)
    assert done.key is not None
    assert check(desk).said.startswith(done.key.fingerprint)
    assert done.key.fingerprint == known(desk) != before
    assert set(files(desk)) == {desk.config.evidence.key.name}
    with pytest.raises(Refusal, match="other facts than hold now: acknowledgement_code, processor"):
        sending.send(desk, sha256, principal=ALICE, now=SENT)
    made = sending.preview(desk, 1, None, principal=ALICE, now=SENT)
    assert printed(desk, made) == {known(desk)}
    sending.approve(desk, made.sha256, principal=BOB, now=SENT)
    assert sending.send(desk, made.sha256, principal=ALICE, now=SENT)
    (tmp_path / "old.pem").write_text(old)
    for customer in ("", "c-1"):
        folder = tmp_path / f"bundle-{customer}"
        bundling.export(desk, 1, folder, customer=customer, principal=ALICE, now=SENT + HOUR)
        assert bundling.verify(folder, tmp_path / "old.pem").faults == ()


@LOST
def test_a_lost_key_is_replaced_by_one_person_and_all_works_again(
    alice_at: Callable[[str], Person], tmp_path: Path, lose: Lose
) -> None:
    alice = alice_at("previewed")
    with alice.desk() as desk:
        path = desk.config.evidence.key
    (tmp_path / "old.pem").write_text(open_key(path).public.pem)
    lose(path)
    assert "rotate-key --lost" in alice.is_refused("evidence", "rotate-key")
    assert "--why" in alice.is_refused("evidence", "rotate-key", "--lost")
    said = alice.types("evidence", "rotate-key", "--lost", "--why", WHY)
    with alice.desk() as desk:
        assert f"new key {known(desk)}" in said
        assert check(desk).works
        assert signing.warnings(desk) == []
        entries = office.intact(desk)
    asked = next(one for one in entries if one.kind == "key.asked")
    assert asked.principal == "shell:alice"
    assert WHY in str(asked.body)
    for whose in ([], ["--customer", "c-1"]):
        folder = tmp_path / f"bundle{len(whose)}"
        alice.types("evidence", "export", 1, folder, *whose)
        found = bundling.verify(folder, None)
        assert found.passed
        assert "of the ledger alone vouches for it" in found.remarks[0]
        assert "did not sign it in" in bundling.verify(folder, tmp_path / "old.pem").faults[0]
    assert "is there" in alice.is_refused("evidence", "rotate-key", "--lost", "--why", WHY)


def test_where_two_approve_a_second_person_agrees(
    config_at: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = Person(config_at("previewed", TWO), monkeypatch)
    with alice.desk() as desk:
        path, before = desk.config.evidence.key, known(desk)
        path.unlink()
        said = alice.types("evidence", "rotate-key", "--lost", "--why", WHY)
        entry = int(said.split()[-1])
        assert known(desk) == before, "nothing is replaced yet"
        assert files(desk) == {}
        assert f"rotate-key --agree {entry}" in check(desk).hint
        assert "takes a second person" in alice.is_refused(
            "evidence", "rotate-key", "--agree", entry
        )
        bob = alice.colleague("bob")
        assert "stands alone" in bob.is_refused(
            "evidence", "rotate-key", "--agree", entry, "--why", "yes"
        )
        assert "no new key waits" in bob.is_refused("evidence", "rotate-key", "--agree", 1)
        said = bob.types("evidence", "rotate-key", "--agree", entry)
        assert f"new key {known(desk)}" in said
        assert known(desk) != before
        assert check(desk).works
        agreed = next(one for one in office.intact(desk) if one.kind == "key.agreed")
    assert agreed.principal == "shell:bob"


def test_software_replaces_no_key(at: Copy) -> None:
    desk = at("previewed")
    before = office.everything(desk), files(desk)
    service = Principal("service", "tocsin")
    with pytest.raises(Refusal, match="a person does"):
        rotating.rotate(desk, principal=service, now=SENT)
    desk.config.evidence.key.unlink()
    with pytest.raises(Refusal, match="a person does"):
        rotating.replace_lost(desk, why=WHY, principal=service, now=SENT)
    assert office.everything(desk) == before[0]
    assert files(desk) == {}
