"""An answer is read for its own words; what it quotes, and what a machine writes, says nothing."""

import time

import pytest

from notifiers.answers import by_machine, own_words, says

NOTICE = (
    "Reply with your name and the code\nK7QD-2MXA\nreply with the code K7QD-2MXA and your name."
)


def plain(text: str) -> bytes:
    return f"From: a@b.example\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode()


def html(text: str) -> bytes:
    return f"From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n{text}".encode()


@pytest.mark.parametrize(
    "raw",
    [
        plain("mine\n> theirs"),
        plain("mine\n-----Original Message-----\ntheirs"),
        plain("mine\n________________________________\ntheirs"),
        plain("mine\nDe : Voxline <x@y.example>\ntheirs"),
        plain("mine\nLe 9 mars 2026 à 14:10, Voxline a écrit :\ntheirs"),
        plain("mine\nOn 9 March 2026, Voxline wrote:\ntheirs"),
        html("<head><style>theirs</style></head><p>mine<blockquote>theirs</blockquote>"),
        html('<div>mine</div><div class="gmail_quote">theirs</div>theirs'),
        html('mine<hr><div id="divRplyFwdMsg">theirs</div>'),
        html("<p>mine</p><p><b>From:</b> Voxline</p>theirs"),
        b"Content-Type: text/plain; charset=no-such\n\nmine",
    ],
)
def test_the_own_words_end_where_the_quote_begins(raw: bytes) -> None:
    assert own_words(raw).split() == ["mine"]


def test_a_mail_within_a_mail_and_an_attachment_are_not_its_words() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\n\n"
        b"--b\nContent-Type: text/plain\nContent-Disposition: attachment\n\ntheirs\n"
        b"--b\nContent-Type: message/rfc822\n\nSubject: x\n\ntheirs\n"
        b"--b\nContent-Type: text/plain\n\nmine\n--b--\n"
    )
    assert own_words(raw).split() == ["mine"]


@pytest.mark.parametrize(
    ("own", "does"),
    [
        ("K7QD-2MXA", True),
        ("k7qd2mxa", True),
        ("OK, K7QD 2MXA, Hélène", True),
        ("K7QD-2MXB", False),
        ("", False),
        (NOTICE, False),
        (f"Yes: K7QD-2MXA\n\n{NOTICE}", True),
    ],
)
def test_a_code_counts_where_it_is_said_and_not_where_it_is_repeated(own: str, does: bool) -> None:
    assert says(own, "K7QD-2MXA", NOTICE) == does


def test_a_person_is_no_machine() -> None:
    assert not by_machine(b"From: a@b.example\nAuto-Submitted: no\n\nyes")
    assert by_machine(b"From: MAILER-DAEMON@b.example\n\nyes")


@pytest.mark.parametrize("piece", ["<", "<style ", "<p ", "-", "- original ", "> ", "A2B3-", "&"])
def test_a_mail_made_to_take_long_does_not(piece: str) -> None:
    began = time.monotonic()
    text = piece * (1_000_000 // len(piece))
    for raw in (plain(text), html(text)):
        says(own_words(raw), "K7QD-2MXA", NOTICE)
    assert time.monotonic() - began < 20
