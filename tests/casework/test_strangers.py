"""Who may acknowledge by mail: a contact of that customer, or the address the notice went to."""

from collections.abc import Callable
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest
from typer.testing import CliRunner

from notifiers import answers, outbox
from notifiers.base import Kind
from tests.casework import office
from tests.casework.office import ALICE, HOUR
from tests.casework.test_replies import LATER, answer, code
from tests.casework.test_ticking import C1, C2, letter, owed, sent
from tocsin.app.casework import replies
from tocsin.app.casework.desk import Desk
from tocsin.app.cli import app

At = Callable[..., Desk]
EVE = "Eve <eve@evil.example>"


def written_by(desk: Desk, *senders: str, text: str = "{}") -> bytes:
    """Return an answer to the notice of C1, with its code, from somebody."""
    parsed = BytesParser(policy=default).parsebytes(answer(desk, C1, text.format(code(desk, C1))))
    assert isinstance(parsed, EmailMessage)
    del parsed["From"]
    headers = "".join(f"From: {one}\n" for one in senders)
    return headers.encode() + parsed.as_bytes()


def kept(desk: Desk) -> list[tuple[Kind, bytes]]:
    with desk.store.read() as db:
        found = outbox.attempts(db, letter(desk, C1))
    return [(kind, raw) for one in found for kind, _, raw, _ in one.news]


@pytest.mark.parametrize(
    "senders",
    [
        (EVE,),
        (),
        ("",),
        (f'"{office.CONTACTS["c-1"][0]}" <eve@evil.example>',),
        (f"{office.CONTACTS['c-1'][0]}, eve@evil.example",),
        (f"Ida <{office.CONTACTS['c-2'][0]}>",),
        (EVE, office.CONTACTS["c-1"][0]),
    ],
    ids=["unknown", "none", "empty", "name of another", "two", "another customer's", "two headers"],
)
def test_a_stranger_who_says_the_code_acknowledges_nothing_and_the_mail_is_kept(
    at: At, senders: tuple[str, ...]
) -> None:
    desk = at("previewed")
    sent(desk)
    raw = written_by(desk, *senders)
    taken = replies.take(desk, raw, principal=ALICE, now=LATER)
    assert (taken.kind, taken.is_new, taken.met_at) == ("answered", True, None)
    assert "notice acknowledge" in taken.advice
    assert owed(desk, C1).is_open
    assert owed(desk, C2).is_open
    assert kept(desk) == [(Kind.ANSWERED, raw)]
    assert office.words(desk)[letter(desk, C1)] == "answered"
    assert not replies.take(desk, raw, principal=ALICE, now=LATER + HOUR).is_new
    assert owed(desk, C1).is_open
    by_hand = replies.acknowledge(
        desk, code(desk, C1), by="Ida", at=LATER, channel="email", principal=ALICE, now=LATER
    )
    assert by_hand.met_at == LATER


@pytest.mark.parametrize("place", [0, 2])
def test_a_contact_in_any_role_acknowledges_in_whatever_letters_the_address_is(
    at: At, place: int
) -> None:
    desk = at("previewed")
    sent(desk)
    raw = written_by(desk, f"Ida Finch <{office.CONTACTS[C1][place].upper()}>")
    taken = replies.take(desk, raw, principal=ALICE, now=LATER)
    assert (taken.kind, taken.met_at, taken.by) == ("acknowledged", LATER, "Ida Finch")


def test_the_name_is_the_one_in_the_answer_before_the_one_on_the_mail(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    raw = written_by(desk, office.CONTACTS[C1][0], text="{}\n\nHélène Çelik\n")
    taken = replies.take(desk, raw, principal=ALICE, now=LATER)
    assert taken.by == "Hélène Çelik"
    assert all("Çelik" not in str(entry.body) for entry in office.intact(desk))


@pytest.mark.parametrize(
    ("own", "name"),
    [
        ("K7QD-2MXA Hélène Çelik", "Hélène Çelik"),
        ("Ida Finch, k7qd 2mxa", "Ida Finch"),
        (
            "Well received: K7QD-2MXA.\n\nBest regards,\nJean-Luc de La Tour\nDPO",
            "Jean-Luc de La Tour",
        ),
        ("k7qd2mxa is the code, we look into it", ""),
        ("K7QD-2MXA\nKind Regards\nIda Finch", "Ida Finch"),
        ("K7QD-2MXA\nCordialement", ""),
        ("K7QD-2MXA", ""),
        ("no code\nIda", ""),
        ("", ""),
    ],
)
def test_a_name_is_taken_where_one_is_given(own: str, name: str) -> None:
    assert answers.signed(own, "K7QD-2MXA") == name


def test_a_mail_server_is_told_that_a_person_should_look(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    config = Path(desk.config.store.path).parents[1] / "config.toml"
    command = ["notice", "reply", "-", "--config", str(config)]
    result = CliRunner().invoke(app, command, input=written_by(desk, EVE))
    assert result.exit_code == 2
    assert "does not count as notified" in result.stdout
    assert "tocsin notice acknowledge" in result.stderr
    assert "evil" not in result.output
