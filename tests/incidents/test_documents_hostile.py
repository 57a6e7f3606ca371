"""Hostile text cannot break out of any output, and any text at all makes one."""

import io
import json
import random
import unicodedata
from collections.abc import Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
import rfc8785
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from incidents.documents import render
from incidents.documents.safe import _DRAWN, drawn, line, prose, undrawn
from tests.incidents.hostile import HOSTILE, infested
from tests.incidents.reading import as_text, flat, mail_of, tags
from tests.incidents.samples import facts, said


def bones(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what of the outputs is structure: nothing a text may change."""
    pdf = PdfReader(io.BytesIO(next(b for n, b in files.items() if n.endswith(".pdf"))))
    data = json.loads(next(b for n, b in files.items() if n.endswith(".json")))
    # A line break in a text is a line break in the page, and no more.
    found = [tag for tag in tags(files["body.html"].decode()).tags if tag != ("br", ())]
    return {
        "html": [tag for tag in found if tag not in (("p", PARAGRAPH), "/p")],
        "files": list(files),
        "attachments": list(pdf.attachments),
        "headings": [str(each["/Title"]) for each in pdf.outline if isinstance(each, dict)],
        "entries": list(data["entries"]),
    }


PARAGRAPH = (("style", "margin:0 0 10px 0;"),)


@pytest.fixture(scope="module")
def plain_bones() -> dict[str, Any]:
    return bones(render(infested("plain words")))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_cannot_break_out_of_any_output(
    name: str, plain_bones: dict[str, Any]
) -> None:
    hostile = HOSTILE[name]
    files = render(infested(hostile))
    assert bones(files) == plain_bones
    texts = as_text(files)
    for output, text in texts.items():
        odd = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")}
        assert odd <= {"\n"}, f"{output}: {odd}"
    assert "\n" not in texts["subject.txt"]
    shown, one_line = prose(hostile), line(hostile)
    page = tags(texts["body.html"])
    assert flat(shown) in flat(page.text)
    assert flat(one_line) in flat(texts["body.txt"])
    if len(hostile) < 1000:
        assert flat(drawn(one_line)) in flat(texts["pdf"])
    data = json.loads(texts["json"])
    assert data["entries"]["narrative"]["value"] == shown
    assert data["notice"]["customer"] == one_line
    assert rfc8785.dumps(data).decode() == texts["json"]

    mail = EmailMessage(policy=policy.SMTP)
    mail["Subject"] = texts["subject.txt"]
    mail.set_content(texts["body.txt"])
    mail.add_alternative(texts["body.html"], subtype="html")
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert read["Bcc"] is None
    assert sum(1 for header in read.keys() if header.lower() == "subject") == 1  # noqa: SIM118
    assert len(files) == 5


@given(st.text(max_size=300))
def test_any_text_becomes_one_harmless_line(text: str) -> None:
    shown = line(text)
    assert not {c for c in shown if unicodedata.category(c)[0] == "C"}
    assert "\n" not in shown
    assert line(shown) == shown
    assert prose(prose(text)) == prose(text)


WITH_GLYPHS = (
    *("אבי כהן", "Ελλάς", "Завод №5", "Łódź Ærø “Œuvre” €", "მარიამი", "Հայաստան"),
    *("شركة الاتصالات", "हिन्दी क्षेत्र"),
)
WITHOUT = ("你好有限公司", "한국전력공사", "บริษัทไทย", "東京タワー", "Café 😀 ❤\ufe0f")


@pytest.mark.parametrize("name", [*WITH_GLYPHS, *WITHOUT])
def test_a_name_in_any_script_is_written_as_it_is(name: str) -> None:
    assert line(name) == prose(name) == name
    mail = mail_of(infested(name))
    assert flat(name) in flat(mail["body.txt"])
    assert flat(name) in flat(tags(mail["body.html"]).text)


@pytest.mark.parametrize("name", WITH_GLYPHS)
def test_the_pdf_writes_the_letters_that_its_fonts_have(name: str) -> None:
    assert drawn(name) == name
    assert undrawn(name) == set()


def test_the_pdf_alone_shows_numbers_for_letters_that_its_fonts_lack() -> None:
    files = as_text(render(infested("Li 你好")))
    assert "Li[U+4F60][U+597D]" in flat(files["pdf"])
    for name in ("body.txt", "body.html", "json"):
        assert "[U+" not in files[name], name
        assert "你好" in files[name], name
    assert undrawn("Li 你好") == {"你", "好"}


FOREIGN = ("¹ै", "\u041d\u0951", "x\u093e", "\u0941", "।ि", "१ा", "ह\u0301\u0902", "अ ा")


@pytest.mark.parametrize("text", FOREIGN)
def test_a_mark_on_a_letter_of_another_script_is_shown_as_its_number(text: str) -> None:
    mark = text[-1]
    assert drawn(text) == f"{text[:-1]}[U+{ord(mark):04X}]"
    assert undrawn(text) == {mark}


@pytest.mark.parametrize("text", ["Ж\u0301", "q\u0301x", "ह\u0301", "हिन्दी", "क्षे॑त्र"])
def test_a_mark_on_a_letter_that_takes_it_is_drawn(text: str) -> None:
    assert drawn(text) == text


def test_short_texts_of_all_letters_that_are_drawn_make_a_pdf() -> None:
    chance = random.Random(57)
    every = [chr(one) for low, high in _DRAWN for one in range(low, high + 1)]
    marks = [one for one in every if unicodedata.category(one)[0] == "M"]
    of_marks = [*marks, *chance.choices(every, k=len(marks))]
    texts = [
        "".join(chance.choices(pool, k=chance.randint(1, 6)))
        for pool in (every, of_marks)
        for _ in range(60)
    ]
    words = "\n".join((*FOREIGN, *texts))
    narrative = said({"fr": words, "en": words})
    for language in ("fr", "en"):
        files = render(facts(language, narrative=narrative))
        assert any(content.startswith(b"%PDF-") for content in files.values())


@pytest.mark.parametrize(
    "hidden", ["\u202e", "\u200b", "\u200d", "\u2066", "\u3164", "\ufe0f", "\ue000"]
)
def test_what_nobody_sees_is_shown_in_every_output(hidden: str) -> None:
    assert line(f"a{hidden}b") == f"a[U+{ord(hidden):04X}]b"


@settings(max_examples=10, deadline=None)
@given(st.text(max_size=120))
def test_any_text_at_all_makes_a_pdf(text: str) -> None:
    assume(prose(text))
    files = render(infested(text))
    assert [name for name, content in files.items() if content.startswith(b"%PDF-")]
    assert files["body.txt"]
