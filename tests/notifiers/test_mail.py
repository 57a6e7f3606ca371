"""A mail says what the message says, to every program that reads it, and nothing else."""

from datetime import UTC, datetime
from email import message_from_string
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import Parser
from email.policy import compat32, default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from notifiers.base import Attachment, Purpose
from notifiers.mail import Sender, compose
from tests.notifiers.support import PDF, mail
from tocsin.errors import Undeliverable

SENDER = Sender("avis@tocsin.example", "Société Tocsin — Sécurité")
DATE = datetime(2026, 11, 24, 9, 15, 30, tzinfo=UTC)
NAMES = (
    "Hélène Çelik",
    'Œuvre "Saint-Éloi", dir. (Île-de-France)',
    "Société Générale de l’Électricité, de l'Eau et des Énergies Nouvelles — Direction juridique",  # noqa: RUF001 - as it is written
    "Plain Name, Ltd. <not@this.example>",
    "名前",
    "=?utf-8?q?tricky?=",
    "« Deux  espaces\u00a0» ",
)


def read(raw: bytes) -> EmailMessage:
    found = message_from_string(raw.decode().replace("\r\n", "\n"), policy=default)
    assert isinstance(found, EmailMessage)
    return found


def named(raw: bytes, header: str) -> str:
    """Return the name beside an address; the library's newer parser loses quotes and spaces."""
    value = Parser(policy=compat32).parsestr(raw.decode())[header]
    return str(make_header(decode_header(value.rpartition("<")[0].strip())))


def test_the_parts_stand_in_the_order_programs_expect() -> None:
    found = read(compose(mail(), SENDER, DATE))
    assert [part.get_content_type() for part in found.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    assert found["Date"].datetime == DATE
    assert found["Message-ID"] == "<notice/12/acme/1@tocsin.example>"
    assert found["Content-Language"] == "fr"
    assert [part.get_content() for part in found.iter_attachments()] == [PDF.content]


def test_a_text_alone_is_one_part() -> None:
    found = read(compose(mail(body_html="", attachments=()), SENDER, DATE))
    assert found.get_content_type() == "text/plain"
    assert found.get_content() == "Bonjour,\n\nvoici un avis.\n"


def test_the_same_message_gives_the_same_bytes() -> None:
    assert compose(mail(), SENDER, DATE) == compose(mail(), SENDER, DATE)
    assert compose(mail("notice/2"), SENDER, DATE) != compose(mail(), SENDER, DATE)


@pytest.mark.parametrize(
    ("purpose", "said"),
    [
        (Purpose.NOTICE, None),
        (Purpose.ALERT, "auto-generated"),
        (Purpose.REMINDER, "auto-generated"),
    ],
)
def test_what_a_machine_made_by_itself_says_so(purpose: Purpose, said: str | None) -> None:
    assert read(compose(mail(purpose=purpose), SENDER, DATE))["Auto-Submitted"] == said


@pytest.mark.parametrize("name", NAMES)
def test_french_and_other_names_arrive_as_they_are(name: str) -> None:
    raw = compose(
        mail(to_name=name, subject=f"Avis : {name}", attachments=(_named(f"{name[2:90]}.pdf"),)),
        Sender("avis@tocsin.example", name),
        DATE,
    )
    found = read(raw)
    assert named(raw, "To") == name
    assert found["To"].addresses[0].addr_spec == "helene@customer.example"
    assert named(raw, "From") == name
    assert found["Subject"] == f"Avis : {name}"
    assert [part.get_filename() for part in found.iter_attachments()] == [f"{name[2:90]}.pdf"]
    assert raw.isascii()


def test_no_line_is_longer_than_a_relay_takes_and_each_ends_in_cr_lf() -> None:
    long = mail(body_text="é" * 5000 + "\n.\n..\nFrom here\n", subject="Très long, " * 25)
    raw = compose(long, SENDER, DATE)
    assert max(map(len, raw.split(b"\r\n"))) <= 100
    assert raw.count(b"\n") == raw.count(b"\r\n")
    body = read(raw).get_body(("plain",))
    assert body is not None
    assert body.get_content() == long.body_text


def test_a_domain_in_another_script_goes_out_in_its_ascii_form() -> None:
    raw = compose(mail(to="avis@société.example"), SENDER, DATE)
    assert b"<avis@xn--socit-esab.example>" in raw


def test_a_local_part_in_another_script_goes_out_as_utf_8() -> None:
    found = read(compose(mail(to="hélène@customer.example"), SENDER, DATE))
    assert found["To"].addresses[0].addr_spec == "hélène@customer.example"


@pytest.mark.parametrize(
    "to",
    [
        "",
        "x",
        "@x.example",
        "a b@x.example",
        "a@",
        "a@b@",
        "<a@b.example>",
        "a@b..example",
        'a"b@c.example',
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(to: str) -> None:
    if not to:
        with pytest.raises(ValidationError):
            mail(to=to)
        return
    with pytest.raises(Undeliverable, match="no e-mail address") as raised:
        compose(mail(to=to), SENDER, DATE)
    assert raised.value.hint
    assert "x.example" not in str(raised.value)


BREAKS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x00", "\x1b", "\x85", "\u2028", "\u2029", "\ud800"]


@pytest.mark.parametrize("field", ["to", "to_name", "subject", "customer"])
@pytest.mark.parametrize("broken", BREAKS)
def test_no_text_can_become_a_header(field: str, broken: str) -> None:
    with pytest.raises(ValidationError, match="one line of text") as raised:
        mail(**{field: f"a{broken}Bcc: victim@x.example"})
    assert "victim" not in str(raised.value)


@pytest.mark.parametrize("broken", BREAKS)
def test_no_file_name_can_become_a_header(broken: str) -> None:
    with pytest.raises(ValidationError, match="one line of text"):
        _named(f"a{broken}Content-Type: text/html")


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\b", "", " a", "a ", "=?utf-8?q?a?="])
def test_a_file_name_is_no_path(name: str) -> None:
    with pytest.raises(ValidationError):
        _named(name)


@pytest.mark.parametrize("key", ["a b", "a@b", "a..b", ".a", "a>", "a\n", "é", "", "a" * 101])
def test_a_key_fits_into_a_message_id(key: str) -> None:
    with pytest.raises(ValidationError):
        mail(key)


def _named(name: str) -> Attachment:
    return Attachment(name=name, media_type="application/pdf", content=b"%PDF")


LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=90)
PLAIN = {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"}


@settings(max_examples=150, deadline=None)
@given(
    name=LINES, subject=LINES, text=st.text(st.characters(codec="utf-8", exclude_characters="\0"))
)
def test_whatever_is_written_arrives(name: str, subject: str, text: str) -> None:
    message = mail(to_name=name, subject=subject, body_text=text)
    raw = compose(message, SENDER, DATE)
    found = read(raw)
    assert set(found.keys()) == PLAIN | {"Content-Language"}
    assert found["Subject"] == subject
    assert [one.addr_spec for one in found["To"].addresses] == ["helene@customer.example"]
    assert named(raw, "To") == name
