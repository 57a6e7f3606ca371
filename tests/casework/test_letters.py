"""The letters of an incident: first notices, updates after them, and what goes out beside them."""

from collections.abc import Callable
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from incidents import notices
from incidents.documents.missing import MissingFacts
from incidents.notices import Manifest
from incidents.notices.coded import coded
from notifiers import outbox
from notifiers.base import Channel, Purpose
from tests.casework import office
from tests.casework.office import ALICE, HOUR, MINUTE, NOW
from tests.casework.test_ticking import C1, C2, SENT, letter, owed, sent
from tests.servers.relay import Lever, Relay
from tocsin.app.casework import acts, bundling, letters, people, replies, sending, ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.desk import opened as desk_of
from tocsin.app.cli import app
from tocsin.app.config import load
from tocsin.errors import Refusal

At = Callable[..., Desk]
LATER = SENT + 2 * HOUR
CHANGES = """
next_update_at = 2026-03-11T17:00:00+01:00
[changes]
fr = "La clé a aussi servi le 8 mars."
en = "The key was used on 8 March as well."
"""


def tell(desk: Desk, text: str, now: Any = LATER, number: int = 1) -> None:
    """Let a person give facts."""
    path = Path(desk.config.store.path).parent / "more.toml"
    path.write_text(text)
    acts.assess(desk, number, people.read(path), principal=ALICE, now=now)


def preview(desk: Desk, *customers: str, now: Any = LATER + MINUTE) -> Manifest:
    return sending.preview(desk, 1, None, customers=customers, principal=ALICE, now=now)


def send(desk: Desk, made: Manifest, now: Any) -> list[str]:
    sending.approve(desk, made.sha256, principal=ALICE, now=now)
    keys = sending.send(desk, made.sha256, principal=ALICE, now=now)
    ticking.deliver(desk, now)
    return keys


def mails(desk: Desk, keys: list[str]) -> dict[str, bytes]:
    """Return Message-ID → mail of these messages."""
    found = {}
    with desk.store.read() as db:
        for key in keys:
            if outbox.message(db, key).channel == Channel.EMAIL:
                raw = outbox.attempts(db, key)[0].content
                found[str(BytesParser().parsebytes(raw)["Message-ID"])] = raw
    return found


def test_after_a_notice_the_next_is_an_update_and_the_first_stays(at: At, tmp_path: Path) -> None:
    desk = at("assessed")
    first_made = preview(desk, now=SENT)
    first = mails(desk, send(desk, first_made, SENT))
    tell(desk, CHANGES)
    made = preview(desk)
    assert [(one.customer, one.version) for one in made.notices] == [(C1, 2), (C2, 2)]
    second = mails(desk, send(desk, made, LATER + HOUR))
    assert len(first) == len(second) == 2
    assert not first.keys() & second.keys()
    with desk.store.read() as db:
        bodies = {
            one.customer: notices.file_of(db, one.files["body.txt"]).decode()
            for one in made.notices
        }
        codes = coded(db)
        for one in first_made.notices:
            for digest in one.files.values():
                assert notices.file_of(db, digest)
    assert "La clé a aussi servi le 8 mars." in bodies[C1]
    assert "The key was used on 8 March as well." in bodies[C2]
    assert len({one.code for one in codes}) == len(codes) == 4
    bundle = bundling.export(desk, 1, tmp_path / "bundle", principal=ALICE, now=LATER + 2 * HOUR)
    kept = [path.read_bytes() for path in bundle.rglob("*") if path.is_file()]
    for raw in (*first.values(), *second.values()):
        assert raw in kept
    assert bundling.verify(bundle, None).passed


def test_a_code_acknowledges_the_notice_that_bears_it(at: At) -> None:
    desk = at("assessed")
    first = send(desk, preview(desk, now=SENT), SENT)
    tell(desk, CHANGES)
    second = send(desk, preview(desk), LATER + HOUR)
    with desk.store.read() as db:
        codes = {one.version: one.code for one in coded(db) if one.customer == C1}
    for version, keys in ((1, first), (2, second)):
        taken = replies.acknowledge(
            desk,
            codes[version],
            by="Hélène",
            at=LATER + HOUR + MINUTE,
            channel="phone",
            principal=ALICE,
            now=LATER + 2 * HOUR,
        )
        assert taken.message in keys


def test_an_update_asks_what_is_new_each_time(at: At) -> None:
    desk = at("assessed")
    tell(desk, CHANGES, SENT - MINUTE)  # before the first notice: nothing was new then
    made = preview(desk, now=SENT)
    with desk.store.read() as db:
        bodies = [notices.file_of(db, one.files["body.txt"]).decode() for one in made.notices]
    assert all("aussi servi" not in one and "8 March as well" not in one for one in bodies)
    send(desk, made, SENT)
    for later in (LATER, LATER + 5 * HOUR):
        before = office.everything(desk)
        with pytest.raises(MissingFacts, match=r"changes: .*\[changes\].*\(c-1, c-2"):
            preview(desk, now=later)
        assert office.everything(desk) == before
        tell(desk, CHANGES, later + MINUTE)
        send(desk, preview(desk, now=later + 2 * MINUTE), later + 3 * MINUTE)


def test_a_customer_that_is_told_later_gets_its_first_notice(at: At) -> None:
    desk = at("assessed")
    send(desk, preview(desk, C1, now=SENT), SENT)
    made = preview(desk, C2)
    assert [(one.customer, one.version) for one in made.notices] == [(C2, 1)]
    tell(desk, CHANGES)
    made = preview(desk)
    assert [(one.customer, one.version) for one in made.notices] == [(C1, 2), (C2, 1)]


def test_what_was_sent_is_not_sent_again(at: At) -> None:
    desk = at("assessed")
    made = preview(desk, now=SENT)
    send(desk, made, SENT)
    before = office.everything(desk)
    with pytest.raises(Refusal, match="handed over already"):
        sending.send(desk, made.sha256, principal=ALICE, now=LATER)
    assert office.everything(desk) == before


def test_without_a_phone_no_call_is_queued_and_that_is_said(
    config_at: Callable[..., Path], relay: Relay
) -> None:
    config = config_at("assessed", office.RELAY.format(port=relay.port))
    with desk_of(load(config)) as desk:
        send(desk, preview(desk, now=SENT), SENT)
        with desk.store.read() as db:
            found = outbox.standings(db, incident=1)
        assert [one.purpose for one in found if one.customer] == [Purpose.NOTICE] * 2
        assert not [one for one in found if one.word == "failed"]
        assert letters.warnings(desk) == [letters.NO_CALLS]


def test_without_any_channel_nothing_is_sent(at: At) -> None:
    desk = at("assessed", "")
    made = preview(desk, now=SENT)
    sending.approve(desk, made.sha256, principal=ALICE, now=SENT)
    before = office.everything(desk)
    with pytest.raises(Refusal, match="no channel for e-mail") as told:
        sending.send(desk, made.sha256, principal=ALICE, now=SENT)
    assert "[notifiers.email]" in told.value.hint
    assert office.everything(desk) == before
    assert letters.warnings(desk) == [letters.NO_MAIL, letters.NO_CALLS]


def test_with_a_folder_of_files_calls_are_queued(at: At) -> None:
    desk = at("assessed")
    keys = send(desk, preview(desk, now=SENT), SENT)
    assert len(keys) == 4
    assert letters.accepted(desk, keys) == 4
    assert letters.warnings(desk) == []


def test_sending_tries_and_counts_what_it_sends_itself(
    config_at: Callable[..., Path], relay: Relay
) -> None:
    config = config_at("assessed", office.RELAY.format(port=relay.port))
    with desk_of(load(config)) as desk:
        tell(desk, '[late_reason]\nfr = "Retard."\nen = "Late."\n', NOW)
        with desk.store.begin() as db:
            message = outbox.message(db, "alert-1-high-1").model_copy(update={"key": "older"})
            outbox.put(db, message, principal=ALICE, now=NOW)

    def typed(*command: str) -> str:
        result = CliRunner().invoke(app, ["notice", *command, "--config", str(config)])
        assert result.exit_code == 0, result.output
        return result.stdout

    shown = typed("preview", "1")
    assert letters.NO_CALLS in shown
    sha256 = shown.split()[-1]
    typed("approve", sha256)
    assert typed("send", sha256) == f"2 messages queued, 2 accepted\n{letters.NO_CALLS}\n"
    assert len(relay.recipients) == 2
    with desk_of(load(config)) as desk:  # what waited before is the service's to try
        assert letters.standing(desk, "older").word == "waiting"


def test_a_failed_message_is_sent_again_and_its_bytes_are_the_same(
    config_at: Callable[..., Path], relay: Relay
) -> None:
    config = config_at("assessed", office.RELAY.format(port=relay.port))
    bad = office.CONTACTS[C1][0]
    relay.by_recipient[bad] = Lever("RCPT", "550 5.1.1 no such user")
    with desk_of(load(config)) as desk:
        send(desk, preview(desk, now=SENT), SENT)
        key = letter(desk, C1)
        assert office.words(desk)[key] == "failed"
    relay.by_recipient.clear()
    command = ["notice", "again", key, "--why", "Address mended.", "--config", str(config)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"message {key} is accepted\n"
    with desk_of(load(config)) as desk:
        with desk.store.read() as db:
            first, second = outbox.attempts(db, key)
        assert first.content == second.content
        before = office.everything(desk)
        with pytest.raises(Refusal, match="only a failed one") as told:
            letters.again(desk, key, why="x", principal=ALICE, now=LATER)
        assert told.value.hint
        assert office.everything(desk) == before


def test_a_message_that_waits_is_taken_back_and_stays_owed(at: At) -> None:
    desk = at("assessed")
    made = preview(desk, now=SENT)
    sending.approve(desk, made.sha256, principal=ALICE, now=SENT)
    sending.send(desk, made.sha256, principal=ALICE, now=SENT)
    key = letter(desk, C1)
    letters.cancel(desk, key, why="Sent by hand.", principal=ALICE, now=SENT)
    ticking.deliver(desk, SENT)
    assert letters.standing(desk, key).word == "cancelled"
    with desk.store.read() as db:
        assert outbox.attempts(db, key) == []
    assert office.words(desk)[letter(desk, C2)] == "accepted"
    assert owed(desk, C1).is_open


@pytest.mark.parametrize(
    ("act", "customer", "why", "said"),
    [
        (letters.cancel, C1, "x", "cannot be taken back"),
        (letters.cancel, "", "x", "there is no message"),
        (letters.cancel, C1, " ", "no reason"),
        (letters.again, C1, "x", "only a failed one"),
        (letters.again, "", "x", "there is no message"),
        (letters.again, C1, "", "no reason"),
    ],
)
def test_what_cannot_be_sent_again_or_taken_back_changes_nothing(
    at: At, act: Callable[..., None], customer: str, why: str, said: str
) -> None:
    desk = at("previewed")
    sent(desk)
    key = letter(desk, customer) if customer else "notice-none"
    before = office.everything(desk)
    with pytest.raises(Refusal, match=said) as told:
        act(desk, key, why=why, principal=ALICE, now=LATER)
    assert told.value.hint
    assert office.everything(desk) == before
