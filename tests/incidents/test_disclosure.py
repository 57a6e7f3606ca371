"""Words that a customer must not read are found however they are written, and nothing else."""

import base64
import gzip
import html
import json
import random
import string
import textwrap
import time
import unicodedata
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.disclosure import (
    COLLEAGUE,
    CUSTOMER,
    OURS,
    Names,
    Reader,
    Word,
    registered,
)
from incidents.documents import render
from tests.incidents.samples import facts

NAMES = {
    "c-1": "Société Générale d'Élevage",
    "c-2": "Élan Conseil",
    "c-3": "Acme",
    "c-4": "Acme France",
    "c-5": 'Crédit "Foncier" Niçois',
    "c-6": "你好世界",
    "7": "Beta Ltd",
    "fr": "Old Co",
}
WORDS = (
    *(Word(CUSTOMER, one, "name", name, f"the name of {one}") for one, name in NAMES.items()),
    *(Word(CUSTOMER, one, "id", one, f"the id of {one}") for one in NAMES),
    Word(CUSTOMER, "c-2", "address", "breach@elan.example", "the address of c-2"),
    Word(CUSTOMER, "c-2", "number", "+33199000001", "the number of c-2"),
    Word(CUSTOMER, "c-1", "number", "+33199000009", "the number of c-1"),
    Word(CUSTOMER, "c-3", "number", "+33199000009", "the number of c-3"),
    Word(COLLEAGUE, "lea", "name", "Léa Martin", "the name of operator 3"),
    Word(COLLEAGUE, "lea", "id", "lea", "the id of operator 3"),
    Word(CUSTOMER, OURS, "other", "cert@acme.example", ""),
)
EVERYBODY = Names(WORDS)


def found(content: bytes | str, customer: str = "c-1", name: str = "file") -> str:
    """Return whose word is found in a file; "" for nobody's."""
    raw = content if isinstance(content, bytes) else content.encode()
    mention = EVERYBODY.reader(customer).in_file(name, raw)
    return mention.word.owner if mention else ""


def mail(subject: str = "x", text: str = "x", cte: str = "8bit", charset: str = "utf-8") -> bytes:
    made = EmailMessage()
    made["Subject"], made["From"], made["MIME-Version"] = subject, "a@voxline.example", "1.0"
    made.set_content(text, cte=cte, charset=charset)
    return made.as_bytes()


def attached(content: bytes) -> bytes:
    made = EmailMessage()
    made["Subject"], made["From"] = "x", "a@voxline.example"
    made.set_content("See the attachment.")
    made.add_attachment(content, maintype="application", subtype="octet-stream", filename="a.bin")
    return made.as_bytes()


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def as_claim(text: str) -> str:
    said = json.dumps({"org": text}, ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


HIDDEN: dict[str, Callable[[str], bytes]] = {
    "as it stands": str.encode,
    "JSON": lambda text: json.dumps({"note": text}).encode(),
    "JSON in JSON in JSON": lambda text: json.dumps(
        {"a": [json.dumps({"b": json.dumps([text])})]}
    ).encode(),
    "a key of JSON": lambda text: json.dumps({text: 1}).encode(),
    "a key that stands twice": lambda text: json.dumps({"k": text})[:-1].encode() + b',"k":0}',
    "lines of JSON": lambda text: b'{"a":1}\n' + json.dumps({"note": text}).encode() + b"\n{",
    "JSON that is cut": lambda text: json.dumps({"note": text})[:-1].encode() + b',"x":"',
    "a payload": lambda text: b"\xff" * 16 + json.dumps({"why": text}).encode(),
    "quoted-printable": lambda text: mail(text=text, cte="quoted-printable"),
    "base64": lambda text: mail(text=text, cte="base64"),
    "another charset": lambda text: mail(text=text, cte="base64", charset="utf-16"),
    "a subject": lambda text: mail(subject=text),
    "an attachment": lambda text: attached(json.dumps({"a": text}).encode()),
    "HTML": lambda text: f"<p>{html.escape(text)}</p>".encode(),
    "entities": lambda text: "".join(f"&#{ord(one)};" for one in text).encode(),
    "tags within words": lambda text: f"<p>{text[0]}<b>{text[1:3]}</b>{text[3:]}</p>".encode(),
    "an attribute": lambda text: f'<a title="{html.escape(text)}">x</a>'.encode(),
    "a URL": lambda text: f"https://x.example/?q={quote_plus(text)}".encode(),
    "a path": lambda text: f"s3://x/{quote(text)}/1.wav".encode(),
    "base64 in JSON": lambda text: json.dumps(
        {"data": base64.b64encode(f"Record of {text}.".encode()).decode()}
    ).encode(),
    "base64 in a longer text": lambda text: f"payload={in_base64(text)};".encode(),
    "a data URL": lambda text: f"<a href='data:text/plain;base64,{in_base64(text)}'>x</a>".encode(),
    "a password": lambda text: json.dumps({"auth": f"Basic {in_base64(f'x:{text}')}"}).encode(),
    "a token": lambda text: f"Bearer eyJhbGciOiJIUzI1NiJ9.{as_claim(text)}.c2lnbmVk".encode(),
    "base64 behind a path": lambda text: f"s3://bucket/{in_base64(text)}".encode(),
    "base64 in lines": lambda text: json.dumps(
        {"m": "\r\n".join(textwrap.wrap(in_base64(text), 20))}
    ).encode(),
    "base64 of Latin-1": lambda text: base64.b64encode(text.encode("latin-1")),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")),
    "gzip in base64": lambda text: b"body=" + base64.b64encode(gzip.compress(text.encode())),
    "zlib in base64": lambda text: base64.b64encode(zlib.compress(text.encode())),
    "gzip": lambda text: gzip.compress(text.encode()),
    "hex": lambda text: f"0x{text.encode().hex()} and".encode(),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-be"),
    "apart": lambda text: unicodedata.normalize("NFD", text).encode(),
    "wide": lambda text: "".join(
        chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text
    ).encode(),
    "capitals": lambda text: text.upper().encode(),
    "without accents": lambda text: "".join(
        one for one in unicodedata.normalize("NFD", text) if unicodedata.category(one) != "Mn"
    ).encode(),
    "a line end": lambda text: text.replace(" ", "\r\n  ").encode(),
    "hard spaces": lambda text: text.replace(" ", "\N{NO-BREAK SPACE}").encode(),
    "soft hyphens": lambda text: "\N{SOFT HYPHEN}".join(text).encode(),
    "Latin-1": lambda text: text.encode("latin-1"),
    "UTF-16": lambda text: text.encode("utf-16"),
}


@pytest.mark.parametrize("way", HIDDEN)
@pytest.mark.parametrize("owner", ["c-2", "c-5"])
def test_a_name_is_found_however_it_is_encoded(way: str, owner: str) -> None:
    name = "payloads/3.bin" if way == "a payload" else "file"
    content = HIDDEN[way](f"the same as {NAMES[owner]}, again")
    assert found(content, name=name) == owner
    assert found(content, owner, name) == ""


@pytest.mark.parametrize(
    "text",
    [
        *("+33199000001", "+33 1 99 00 00 01", "01 99 00 00 01", "01.99.00.00.01"),
        *("+33 (0)1 99 00 00 01", "0033199000001", "tel:+33-1-99-00-00-01", '{"n":33199000001}'),
        *("breach@elan.example", "BREACH@ELAN.EXAMPLE", "c-2", "s3://x/c-2/y", "C-2's"),
    ],
)
def test_ids_addresses_and_numbers_are_found_everywhere(text: str) -> None:
    assert found(f"call {text} now" if text[0] != "{" else text) == "c-2"


@pytest.mark.parametrize(
    "text",
    [
        *("c-1", "cc-2", "c-22", "c 2", "Élan", "Conseil Élan", "beta", "Martin", "lea", "acmeco"),
        *("notice 7", "7 of 7", "2026-07-07", "+33199000002", "133199000001", "fr", "lang=fr"),
        *(
            "open 24/7",
            "7/7",
            "one and/7",
            "user 7 of 9",
            "by 7, at 7:07",
            "7@home",
            "by lea alone",
        ),
        *('{"number": 7}', '{"count":"7"}', '{"at":"07:07"}', '{"path":"logs/2026/07/07/7.gz"}'),
    ],
)
def test_nothing_is_found_where_nobody_is_named(text: str) -> None:
    assert found(f"{text} and so on" if text[0] != "{" else text) == ""


@pytest.mark.parametrize(
    "text",
    [
        *('{"customer":"7"}', '{"customer":7}', '{"customerId":"7"}', '{"customers":["1","7"]}'),
        *('{"customers":{"7":1}}', '{"object":"export/7"}', '{"key":"x/7/y.wav"}', "customer=7"),
        *("customer 7", "Customer: 7", "https://x.example/7/y", '{"cust":"7"}'),
    ],
)
def test_a_short_id_is_found_where_an_id_can_stand(text: str) -> None:
    names = Names(WORDS, fields=("cust",))
    for customer, whose in (("c-1", "7"), ("7", "")):
        mention = names.reader(customer).in_file("file", text.encode())
        assert (mention.word.owner if mention else "") == whose


@pytest.mark.parametrize(
    "text",
    [
        *('{"actor":"lea"}', "shell:lea", '{"arn":"arn:aws:iam::111122223333:user/lea"}'),
        *('{"userName":"lea"}', "Léa Martin", "lea martin"),
    ],
)
def test_a_colleague_is_found(text: str) -> None:
    assert found(text) == "lea"


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("The book of c-99 and yours.", "c-99"),
        ("Your calls were heard.", ""),  # a log named a customer so
        ("customer=calls", "calls"),
        ('{"tenant": "calls"}', "calls"),
    ],
)
def test_the_id_of_one_that_only_logs_name_is_found_and_no_word_like_any_other(
    text: str, owner: str
) -> None:
    logged = registered([], [], unregistered=["c-99", "calls"])
    name = "file.json" if text.startswith("{") else "file"
    mention = logged.reader("c-1").in_file(name, text.encode())
    assert (mention.word.owner if mention else "") == owner


def test_a_word_within_the_readers_own_word_is_its_own() -> None:
    for text in ("Acme France", "ACME\nFRANCE", "acme-france"):
        assert found(text, "c-4") == ""
        assert found(text, "c-3") == "c-4"
    assert found("Acme France and Acme", "c-4") == "c-3"
    assert found("write to cert@acme.example", "c-1") == ""
    assert found("+33199000009", "c-1") == found("+33199000009", "c-3") == ""
    assert found("+33199000009", "c-4") == "c-1"


def test_a_pdf_is_searched_by_what_it_is_made_of() -> None:
    made = render(facts("en"))
    pdf = next(content for name, content in made.items() if name.endswith(".pdf"))
    narrative = facts("en").narrative
    assert narrative.state == "known"
    word = Word(CUSTOMER, "c-9", "name", " ".join(narrative.value.en.split()[:6]), "x")
    mention = Names([word]).reader("c-1").in_file("a.pdf", pdf)
    assert mention is not None
    assert "narrative" in mention.where


def test_where_a_word_stands_is_said() -> None:
    reader = EVERYBODY.reader("c-1")
    lines = b'{"a":1}\n{"b":{"c":"Acme"}}\n'
    for content, where in ((b"Acme", "f"), (b'{"a":{"b":"Acme"}}', "f, a.b"), (lines, "f, line 2")):
        mention = reader.in_file("f", content)
        assert mention is not None
        assert mention.where.startswith(where)


@given(
    st.binary(max_size=400)
    | st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace"))
)
def test_nothing_that_a_file_holds_fails_the_search(content: bytes) -> None:
    for begin in (b"", b"%PDF-1.7 stream\n", b"A: b\nC: d\n\n", b'{"a":"', b"<p>", b"[" * 5000):
        found(begin + content)


@pytest.mark.parametrize("text", ["Élan Conseil", "é" * 9, "c-2"])
def test_broken_mails_are_searched_all_the_same(text: str) -> None:
    head = b"Subject: =?utf-8?b?%%%?=\nContent-Type: text/plain; charset=nobody-knows\n"
    assert found(head + b"Content-Transfer-Encoding: x\n\n" + text.encode()) == (
        "c-2" if "é" not in text else ""
    )


def test_hundreds_of_customers_are_looked_for_in_one_pass() -> None:
    chance = random.Random(1)
    some = ["".join(chance.choices(string.ascii_lowercase, k=7)) for _ in range(3000)]
    words = [
        word
        for number in range(800)
        for word in (
            Word(CUSTOMER, f"k-{number}", "name", " ".join(chance.sample(some, 2)), "x"),
            Word(CUSTOMER, f"k-{number}", "id", f"k-{number}", "x"),
            Word(CUSTOMER, f"k-{number}", "address", f"sec@{number}.example", "x"),
        )
    ]
    text = " ".join(chance.choices(["a", "of", "data", *some[:50]], k=100_000)).encode()

    def seconds(names: Names) -> float:
        begun = time.process_time()
        readers: list[Reader] = [names.reader(f"k-{number}") for number in range(3)]
        assert not [one for one in readers if one.in_file("x", text + b" k-x")]
        return time.process_time() - begun

    few = [word for word in words if word.what != "name"]
    assert seconds(Names(few)) < 8 * seconds(Names(few[:6])) + 1


@pytest.mark.parametrize(
    "long",
    [
        "a" * 200_000,
        "7" * 200_000,
        "é" * 100_000,
        "a." * 100_000,
        "Zm9v\n" * 40_000,
        "a@b." * 50_000,
        "10.0.0.1 " * 20_000,
        "\\" * 200_000,
        "<!--" * 50_000,
        "%PDF" + "stream\n" * 30_000,
        "%PDF" + "(\\" * 100_000,
        "=?a?q?" * 40_000,
        "<p style='url(" * 20_000,
    ],
)
def test_a_long_word_takes_no_longer_than_its_length(long: str) -> None:
    begun = time.process_time()
    for text in (long, f"{long}@elan.example", f"ﬁ{long}-Élan-Conseil", f"user {long} by {long}"):
        list(EVERYBODY.reader("c-1").all_in(text))
        list(EVERYBODY.reader("c-1").all_in_file("file", text.encode()))
    assert time.process_time() - begun < 40
