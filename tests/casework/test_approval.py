"""A yes holds for exactly these bytes, people and numbers: whatever changed since is not sent."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from notifiers.tables import outbox
from tests.casework import office
from tests.casework.office import ALICE, BOB, CONTACTS, HOUR, MINUTE, NAMES, NOW
from tocsin.app.casework import acts, measuring, people, sending
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal
from tocsin.model.principals import SERVICE, Principal

At = Callable[..., Desk]
LATER = NOW + 20 * MINUTE
TWO = f"[notifiers]\napprovers = 2\n{office.FILES}"


def approved(desk: Desk) -> str:
    sha256 = office.manifest(desk)
    sending.approve(desk, sha256, principal=ALICE, now=LATER)
    return sha256


def folder(desk: Desk) -> Path:
    return Path(desk.config.store.path).parents[1]


def queued(desk: Desk) -> set[str]:
    """Return the keys of what waits for customers."""
    with desk.store.read() as db:
        return {row.key for row in db.execute(outbox.select()) if row.customer}


def refused(desk: Desk, act: Callable[[], Any]) -> Refusal:
    """Return the refusal of an act, after which everything is as it was."""
    before = office.everything(desk)
    with pytest.raises(Refusal) as caught:
        act()
    assert office.everything(desk) == before
    assert caught.value.hint
    return caught.value


def send(desk: Desk, sha256: str) -> Callable[[], list[str]]:
    return lambda: sending.send(desk, sha256, principal=ALICE, now=LATER)


def another_fact(desk: Desk) -> None:
    path = folder(desk) / "more.toml"
    path.write_text('[consequences]\nimpacts = ["a", "e"]\nconfidentiality = ["b"]\n')
    acts.assess(desk, 1, people.read(path), principal=BOB, now=LATER)


def another_recipient(desk: Desk) -> None:
    texts = (folder(desk) / "registers" / "contacts.csv").read_text()
    new = texts.replace(CONTACTS["c-1"][0], "other@lavande.example")
    take(desk, contacts__csv=new)


def another_number_to_call(desk: Desk) -> None:
    texts = (folder(desk) / "registers" / "contacts.csv").read_text()
    take(desk, contacts__csv=texts.replace(CONTACTS["c-2"][1], "+33199002099"))


def another_name(desk: Desk) -> None:
    texts = (folder(desk) / "registers" / "customers.csv").read_text()
    take(desk, customers__csv=texts.replace(NAMES["c-2"], "Harbour Finch Holdings"))


def another_language(desk: Desk) -> None:
    texts = (folder(desk) / "registers" / "customers.csv").read_text()
    take(desk, customers__csv=texts.replace(";en;", ";fr;"))


def another_run(desk: Desk) -> None:
    texts = (folder(desk) / "registers" / "inventory.csv").read_text()
    take(desk, inventory__csv=texts.replace(";100;40;", ";2;1;"))
    measuring.measure(desk, 1, principal=ALICE, now=LATER)


def another_awareness(desk: Desk) -> None:
    at = NOW - HOUR
    acts.correct(desk, 1, aware_at=at, why="Seen before.", principal=BOB, now=LATER)


def another_preview(desk: Desk) -> None:
    office.previewed(desk, now=LATER)


def take(desk: Desk, **texts: str) -> None:
    office.take_registers(desk, office.registers(folder(desk), **texts), LATER)


CHANGES = pytest.mark.parametrize(
    ("change", "named"),
    [
        (another_fact, "consequences"),
        (another_recipient, "recipients"),
        (another_number_to_call, "customer"),
        (another_name, "customer"),
        (another_language, "customer"),
        (another_run, "affected"),
        (another_awareness, "clock"),
        (another_preview, "rendered again"),
    ],
)


@CHANGES
def test_what_changed_after_the_preview_is_named_and_nobody_says_yes_to_it(
    at: At, change: Callable[[Desk], None], named: str
) -> None:
    desk = at("previewed")
    sha256 = office.previewed(desk)
    change(desk)
    before = office.everything(desk)
    with pytest.raises(Refusal, match=named) as caught:
        sending.approve(desk, sha256, principal=BOB, now=LATER)
    assert caught.value.hint
    assert office.everything(desk) == before


@CHANGES
def test_what_changed_after_the_approval_is_named_and_nothing_is_sent(
    at: At, change: Callable[[Desk], None], named: str
) -> None:
    desk = at("previewed")
    sha256 = approved(desk)
    change(desk)
    refusal = refused(desk, send(desk, sha256))
    assert named in str(refusal)
    assert queued(desk) == set()


def test_what_changed_is_sent_after_a_new_yes(at: At) -> None:
    desk = at("previewed")
    sha256 = approved(desk)
    another_fact(desk)
    new = office.previewed(desk, now=LATER)
    assert new != sha256
    refused(desk, send(desk, new))  # nobody said yes to it
    sending.approve(desk, new, principal=ALICE, now=LATER)
    assert set(sending.send(desk, new, principal=ALICE, now=LATER)) == queued(desk)


def test_what_only_grows_the_ledger_needs_no_new_approval(at: At) -> None:
    desk = at("previewed")
    sha256 = approved(desk)
    acts.note(desk, 1, text="The key was leo's.", kind="working", principal=BOB, now=LATER)
    assert len(sending.send(desk, sha256, principal=ALICE, now=LATER)) == 4


def test_where_two_approve_one_is_not_enough_nor_one_twice_nor_the_service(at: At) -> None:
    desk = at("previewed", TWO)
    sha256 = office.manifest(desk)
    refused(desk, send(desk, sha256))
    sending.approve(desk, sha256, principal=ALICE, now=LATER)
    assert "1 of 2" in str(refused(desk, send(desk, sha256)))
    for who in (ALICE, SERVICE, Principal("sudo", ALICE.name)):
        with pytest.raises(Refusal):
            sending.approve(desk, sha256, principal=who, now=LATER)
    refused(desk, send(desk, sha256))
    assert queued(desk) == set()
    sending.approve(desk, sha256, principal=BOB, now=LATER)
    assert len(sending.send(desk, sha256, principal=ALICE, now=LATER)) == 4


def test_bytes_that_were_altered_in_the_database_are_not_sent(at: At) -> None:
    desk = at("previewed")
    sha256 = approved(desk)
    with desk.store.begin() as db:
        db.exec_driver_sql(
            "UPDATE notice_file SET content = x'00' "
            "WHERE sha256 = (SELECT min(sha256) FROM notice_file)"
        )
    assert "altered" in str(refused(desk, send(desk, sha256)))
    assert queued(desk) == set()


def test_what_was_sent_is_not_sent_again_and_an_update_gets_its_own_number(at: At) -> None:
    desk = at("previewed")
    sha256 = approved(desk)
    sending.send(desk, sha256, principal=ALICE, now=LATER)
    before = queued(desk)
    assert "handed over" in str(refused(desk, send(desk, sha256)))
    path = folder(desk) / "more.toml"
    path.write_text('[changes]\nfr = "Plus aucun doute."\nen = "No doubt is left."\n')
    acts.assess(desk, 1, people.read(path), principal=BOB, now=LATER + timedelta(minutes=1))
    update = sending.preview(desk, 1, None, principal=ALICE, now=LATER + timedelta(minutes=2))
    assert {one.version for one in update.notices} == {2}
    sending.approve(desk, update.sha256, principal=ALICE, now=LATER + HOUR)
    keys = sending.send(desk, update.sha256, principal=ALICE, now=LATER + HOUR)
    assert len(keys) == 4
    assert queued(desk) == before | set(keys)
    assert not before & set(keys)


def test_a_manifest_nobody_knows_or_a_shortened_one_is_refused(at: At) -> None:
    desk = at("previewed")
    sha256 = office.manifest(desk)
    for wrong in ("0" * 64, sha256[:12], ""):
        assert "SHA-256" in str(refused(desk, send(desk, wrong)))
        refused(desk, partial(sending.approve, desk, wrong, principal=ALICE, now=LATER))
