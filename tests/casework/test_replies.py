"""What comes back for a notice: an answer with its code meets what is owed, anything else does not.

After every refusal nothing has changed.
"""

from collections.abc import Callable
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest
from typer.testing import CliRunner

from incidents.notices.coded import coded
from notifiers import outbox
from notifiers.base import Channel, Kind
from notifiers.tables import attempt
from tests.casework import office
from tests.casework.office import ALICE, HOUR, MINUTE
from tests.casework.test_ticking import C1, C2, SENT, letter, owed, sent
from tests.notifiers.test_receipts import one, report
from tests.servers import relay as servers
from tocsin.app.casework import replies, ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.desk import opened as desk_of
from tocsin.app.cli import app
from tocsin.app.config import load
from tocsin.errors import Refusal

At = Callable[..., Desk]
LATER = SENT + HOUR


def code(desk: Desk, customer: str) -> str:
    with desk.store.read() as db:
        return next(one.code for one in coded(db) if one.customer == customer)


def original(desk: Desk, customer: str) -> EmailMessage:
    """Return the notice as the customer got it."""
    with desk.store.read() as db:
        raw = outbox.attempts(db, letter(desk, customer))[-1].content
    mail = BytesParser(policy=default).parsebytes(raw)
    assert isinstance(mail, EmailMessage)
    return mail


def answer(desk: Desk, customer: str, text: str, *, html: str = "", **headers: str) -> bytes:
    """Return an answer to a customer's notice, as a program for mail writes it."""
    mail = EmailMessage()
    mail["From"] = f"Hélène <{office.CONTACTS[customer][0]}>"
    mail["To"] = "cert@voxline.example"
    mail["In-Reply-To"] = str(original(desk, customer)["Message-ID"])
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    if text:
        mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def quoted(desk: Desk, customer: str, mark: str = "> ") -> str:
    body = original(desk, customer).get_body(("plain",))
    assert body is not None
    return "\n".join(f"{mark}{line}" for line in body.get_content().splitlines())


def refused(desk: Desk, raw: bytes, why: str) -> None:
    """Let a mail come in that must be refused and change nothing."""
    before = office.everything(desk)
    with pytest.raises(Refusal, match=why) as told:
        replies.take(desk, raw, principal=ALICE, now=LATER)
    assert told.value.hint
    assert office.everything(desk) == before


def test_an_answer_with_the_code_meets_what_is_owed_to_that_customer_alone(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    raw = answer(desk, C1, f"Bien reçu, {code(desk, C1)}\nHélène\n\n{quoted(desk, C1)}")
    taken = replies.take(desk, raw, principal=ALICE, now=LATER)
    assert (taken.customer, taken.kind, taken.is_new) == (C1, "acknowledged", True)
    assert taken.met_at == LATER
    met = owed(desk, C1).met_by
    assert met is not None
    assert (met.kind, met.at, met.channel) == ("acknowledged", LATER, "email")
    assert met.key == f"{letter(desk, C1)}#1"
    assert owed(desk, C2).is_open
    assert office.words(desk)[letter(desk, C1)] == "acknowledged"
    with desk.store.read() as db:
        ((_, _, kept, _),) = outbox.attempts(db, letter(desk, C1))[0].news
    assert kept == raw  # as evidence, byte for byte


def test_the_same_answer_twice_is_once(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    raw = answer(desk, C1, f"{code(desk, C1)} Hélène")
    replies.take(desk, raw, principal=ALICE, now=LATER)
    before = office.everything(desk)
    again = replies.take(desk, raw, principal=ALICE, now=LATER + HOUR)
    assert (again.is_new, again.met_at) == (False, LATER)
    ticking.tick(desk, LATER)
    assert office.everything(desk) == before


@pytest.mark.parametrize(
    "typed", ["{0}", "code : {0}.", "{1}", "{2}", "Hélène Çelik, le code {0} est bien arrivé"]
)
def test_people_type_a_code_in_many_ways(at: At, typed: str) -> None:
    desk = at("previewed")
    sent(desk)
    said = code(desk, C1)
    text = typed.format(said, said.lower().replace("-", ""), said.replace("-", " "))
    taken = replies.take(desk, answer(desk, C1, text), principal=ALICE, now=LATER)
    assert taken.met_at == LATER


def test_an_answer_in_html_alone_is_read(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    quote = f"<div class='gmail_quote'>{code(desk, C1)}</div>"
    refused(desk, answer(desk, C1, "", html=f"<p>Who are you?</p>{quote}"), "does not say")
    raw = answer(desk, C1, "", html=f"<p>Yes,<br>{code(desk, C1)}<p>{quote}")
    assert replies.take(desk, raw, principal=ALICE, now=LATER).met_at == LATER


def test_an_answer_without_the_code_or_with_another_changes_nothing(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    for text in ("Who are you?", "ABCD-EFGH", f"{code(desk, C2)} Hélène"):
        refused(desk, answer(desk, C1, text), "does not say its notice's code")
    assert owed(desk, C1).is_open


@pytest.mark.parametrize("mark", ["> ", "| ", ""])
def test_a_code_that_is_only_quoted_says_nothing(at: At, mark: str) -> None:
    desk = at("previewed")
    sent(desk)
    refused(desk, answer(desk, C1, f"Who?\n\n{quoted(desk, C1, mark)}"), "does not say")


def test_a_machine_acknowledges_nothing(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    said = f"I am away. {code(desk, C1)}"
    for headers in (
        {"Auto_Submitted": "auto-replied"},
        {"X_Autoreply": "yes"},
        {"Precedence": "auto_reply"},
        {"Return_Path": "<>"},
    ):
        refused(desk, answer(desk, C1, said, **headers), "a machine wrote")
    assert owed(desk, C1).is_open


def test_a_report_that_brings_the_whole_notice_back_acknowledges_nothing(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    whole = original(desk, C1).as_string()
    returned = f"--b\nContent-Type: message/rfc822\n\n{whole}\n\n"
    replies.take(
        desk, report(one("delivered"), returned=returned), principal=ALICE, now=LATER
    )  # without the attempt's reference: anybody could have made it up
    assert owed(desk, C1).is_open
    assert office.words(desk)[letter(desk, C1)] == "accepted"


def test_a_report_about_nothing_of_ours_changes_nothing(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    refused(desk, report(one("delivered"), envid="00ff"), "no message of ours")
    refused(desk, b"Subject: hello\n\nhello\n", "answers no message of ours")
    refused(desk, b"\xff\x00", "answers no message of ours")


def test_reports_with_the_reference_count_and_are_taken_back(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    with desk.store.read() as db:
        query = attempt.select().where(attempt.c.key == letter(desk, C1))
        envid = db.execute(query).mappings().one()["reference"]
    taken = replies.take(desk, report(one("delivered"), envid=envid), principal=ALICE, now=LATER)
    assert (taken.kind, taken.met_at) == ("delivered", LATER)
    bounce = report(one("failed", "5.1.1"), envid=envid)
    taken = replies.take(desk, bounce, principal=ALICE, now=LATER + HOUR)
    assert (taken.kind, taken.met_at) == (str(Kind.BOUNCED), None)
    assert owed(desk, C1).is_open


def test_a_code_said_on_the_phone_counts_from_when_it_was_said(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    said = code(desk, C1).lower().replace("-", " ")
    told = {"by": "Hélène Çelik", "channel": "phone", "principal": ALICE, "now": SENT + 9 * HOUR}
    taken = replies.acknowledge(desk, said, at=LATER, **told)  # type: ignore[arg-type]
    assert taken.met_at == LATER
    assert taken.message == letter(desk, C1, Channel.EMAIL)
    ticking.tick(desk, SENT + 9 * HOUR)
    before = office.everything(desk)
    assert not replies.acknowledge(desk, said, at=LATER, **told).is_new  # type: ignore[arg-type]
    ticking.tick(desk, SENT + 9 * HOUR)
    assert office.everything(desk) == before
    assert all("Çelik" not in str(entry.body) for entry in office.intact(desk))


def test_a_code_said_before_an_answer_came_in_counts_from_then(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    raw = answer(desk, C1, code(desk, C1))
    replies.take(desk, raw, principal=ALICE, now=SENT + 5 * HOUR)
    replies.acknowledge(
        desk,
        code(desk, C1),
        by="Hélène",
        at=LATER,
        channel="phone",
        principal=ALICE,
        now=SENT + 6 * HOUR,
    )
    assert owed(desk, C1).met_at == LATER


@pytest.mark.parametrize(
    ("said", "by", "minutes", "why"),
    [
        ("ABCD-EFGH", "Hélène", 60, "has the code"),
        ("", "Hélène", 60, "has the code"),
        (None, " ", 60, "who acknowledged"),
        (None, "Hélène", -5, "was not said at"),
        (None, "Hélène", 120, "still to come"),
    ],
)
def test_what_cannot_be_an_acknowledgement_changes_nothing(
    at: At, said: str | None, by: str, minutes: int, why: str
) -> None:
    desk = at("previewed")
    sent(desk)
    before = office.everything(desk)
    with pytest.raises(Refusal, match=why) as told:
        replies.acknowledge(
            desk,
            code(desk, C1) if said is None else said,
            by=by,
            at=SENT + minutes * MINUTE,
            channel="email",
            principal=ALICE,
            now=LATER,
        )
    assert told.value.hint
    assert office.everything(desk) == before


def unreached(desk: Desk, relay: servers.Relay, *, of: int) -> None:
    """Send the notices while the relay refuses those to the first contacts of c-1."""
    refuses = servers.Lever("RCPT", say="450 4.7.1 try again later")
    relay.by_recipient = dict.fromkeys(office.CONTACTS[C1][0:of], refuses)
    sent(desk)


def said_to(desk: Desk, **more: str) -> replies.Taken:
    told = {"by": "Hélène", "at": LATER, "channel": "phone", "principal": ALICE, "now": LATER}
    return replies.acknowledge(desk, code(desk, C1), **(told | more))  # type: ignore[arg-type]


def test_a_code_that_no_attempt_can_have_brought_needs_a_reason(
    at: At, relay: servers.Relay
) -> None:
    desk = at("previewed", office.FILES + office.RELAY.format(port=relay.port))
    unreached(desk, relay, of=1)
    before = office.everything(desk)
    with pytest.raises(Refusal, match="nobody can have its code from us") as told:
        said_to(desk)
    assert "--why" in told.value.hint
    assert office.everything(desk) == before
    taken = said_to(desk, why="Bob read it to her.")
    assert taken.met_at == LATER
    with desk.store.read() as db:
        ((_, detail, raw, _),) = outbox.attempts(db, taken.message)[0].news
    assert "every attempt to send it was refused" in detail
    assert b"Bob read it to her." in raw
    assert all("Bob read" not in str(entry.body) for entry in office.intact(desk))


def test_a_code_counts_where_nobody_knows_whether_it_was_brought(
    at: At, relay: servers.Relay
) -> None:
    desk = at("previewed", office.FILES + office.RELAY.format(port=relay.port))
    relay.by_recipient = {office.CONTACTS[C1][0]: servers.Lever("END", drop=True)}
    sent(desk)
    assert office.words(desk)[letter(desk, C1)] == "unknown"
    assert said_to(desk).met_at == LATER


def test_a_code_that_reached_one_of_two_contacts_counts(at: At, relay: servers.Relay) -> None:
    desk = at("judged", office.FILES + office.RELAY.format(port=relay.port))
    folder = Path(desk.config.store.path).parents[1]
    contacts = (folder / "registers" / "contacts.csv").read_text().strip()
    more = f"{contacts}\nc-1;breach;Night desk;night@lavande.example;;2026-02-01"
    office.take_registers(desk, office.registers(folder, contacts__csv=more), office.NOW)
    office.assessed(desk)
    office.previewed(desk)
    unreached(desk, relay, of=1)
    taken = said_to(desk)
    with desk.store.read() as db:
        assert outbox.message(db, taken.message).to == "night@lavande.example"


def test_a_mail_server_can_pipe_an_answer_into_the_command(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    raw = answer(desk, C1, code(desk, C1))
    config = Path(desk.config.store.path).parents[1] / "config.toml"
    command = ["notice", "reply", "-", "--config", str(config)]
    wrong = CliRunner().invoke(app, command, input=b"Subject: hello\n\nhello\n")
    assert wrong.exit_code == 2
    assert "tocsin notice acknowledge" in wrong.stderr
    result = CliRunner().invoke(app, command, input=raw)
    assert result.exit_code == 0, result.stderr
    assert "customer c-1, incident 1: notified at" in result.stdout
    with desk_of(load(config)) as again:
        assert owed(again, C1).met_at is not None
