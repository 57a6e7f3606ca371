"""Notices and dossiers: complete or not at all, nobody else's, and nothing breaks out of them."""

import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any, cast, get_args

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pypdf import PdfReader

from incidents.documents import Known, MissingFacts, NoticeFacts, check, missing, render
from incidents.documents.breach import (
    Category,
    Clock,
    CountedBy,
    Effect,
    Nature,
    Period,
    Range,
    ShownBy,
    Standing,
    Subjects,
    System,
)
from incidents.documents.fact import Language, SourceKind
from incidents.documents.facts import Customer, Party
from incidents.documents.missing import ASKS
from incidents.documents.notice import render_notice
from incidents.documents.response import Action, Measure, OpenPoint
from incidents.documents.safe import line, prose
from incidents.documents.speech import Speech, _words
from tests.incidents.samples import CUSTOMERS, NOT_YET, at, count, facts, known, said
from tests.incidents.test_golden import text_of
from tocsin.errors import ConfigError, Refusal

LANGUAGES = ("fr", "en")


def documents(given_: NoticeFacts) -> dict[str, str]:
    """Return each output as text, whatever its file is called."""
    return as_text(render(given_))


def mail_of(given_: NoticeFacts) -> dict[str, str]:
    """Return the e-mail alone: reading a PDF takes longer than making it."""
    files = render_notice(given_, given_.customer.language, {"dossier.pdf": "0" * 64})
    return {name: content.decode() for name, content in files.items()}


def as_text(files: Mapping[str, bytes]) -> dict[str, str]:
    return {
        name.rpartition(".")[2] if "dossier" in name else name: text_of(content)
        if name.endswith(".pdf")
        else content.decode()
        for name, content in files.items()
    }


def flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


# Complete, or not at all


def without(fact: str, **sample: Any) -> NoticeFacts:
    """Return facts that lack one."""
    base = facts("en", **sample)
    gone = missing(fact, incident=7, customer="c-042")
    name, _, part = fact.partition(".")
    if name == "processor":
        return base.model_copy(update={"processor": base.processor.model_copy(update={part: gone})})
    if name == "affected" and part:
        assert base.affected.state == "known"
        first, second = base.affected.value
        rows = (first, second.model_copy(update={part: gone}))
        return base.model_copy(
            update={"affected": base.affected.model_copy(update={"value": rows})}
        )
    return base.model_copy(update={name: gone})


TEXTS = ("clock.aware_at", "clock.late_reason", "changes", "timeline", "note")
"""Asked by the document itself: see the next table."""


@pytest.mark.parametrize("fact", [fact for fact in ASKS if fact not in TEXTS])
def test_a_missing_fact_does_not_render_and_says_whose_it_is_and_how_to_give_it(fact: str) -> None:
    with pytest.raises(MissingFacts) as raised:
        render(without(fact))
    (found,) = raised.value.facts
    assert (found.fact, found.whose) == (fact, ASKS[fact].whose)
    assert found.how in str(raised.value)
    assert "BREACH-2026-0007" in str(raised.value)
    assert "{" not in found.how


LACKING: dict[str, tuple[dict[str, Any], str]] = {
    "nobody wrote what happened": ({"narrative": said({})}, "narrative"),
    "it was written in the other language": ({"narrative": said({"fr": "Une clé."})}, "narrative"),
    "an update without what changed": ({"kind": "update", "version": 2}, "changes"),
    "a breach without awareness": (
        {
            "clock": known(
                {
                    "hours": 48,
                    "known_at": at(24, 2),
                    "known_by": "report",
                    "aware_at": None,
                    "starts_at": None,
                    "due_at": None,
                    "strict_due_at": at(26, 2),
                }
            )
        },
        "clock.aware_at",
    ),
    "late without a reason": ({"prepared_at": at(26, 9, 16)}, "clock.late_reason"),
    "an action in words nobody wrote": ({"actions": said(({"kind": "other"},))}, "note"),
    "a note in the other language": (
        {"open_points": ({"kind": "entry", "note": {"fr": "Par une clé ?"}},)},
        "note",
    ),
    "no measure at all": ({"measures": said(())}, "measures"),
    "no log stands behind it": ({"coverage": known(())}, "coverage"),
    "a timeline without words": (
        {"timeline": ({"at": at(24, 2), "what": {}, "source": {"kind": "log"}},)},
        "timeline",
    ),
}


@pytest.mark.parametrize("case", LACKING)
def test_what_only_the_document_can_see_is_missing_too(case: str) -> None:
    changes, fact = LACKING[case]
    with pytest.raises(MissingFacts) as raised:
        render(facts("en", **changes))
    assert [each.fact for each in raised.value.facts] == [fact]


def test_all_missing_facts_are_named_at_once() -> None:
    gone: dict[str, Any] = {name: missing(name, incident=7) for name in ("nature", "measures")}
    lacking = facts("en", narrative=said({}), **gone)
    with pytest.raises(MissingFacts) as raised:
        check(lacking, "en")
    assert {each.fact for each in raised.value.facts} == {"nature", "measures", "narrative"}


def test_a_first_notice_may_say_not_yet_known_and_a_last_one_may_not() -> None:
    later: dict[str, Any] = {
        "period": NOT_YET,
        "subjects": NOT_YET,
        "records": NOT_YET,
        "systems": NOT_YET,
    }
    assert "not yet known" in mail_of(facts("en", **later))["body.txt"]
    changes = {"fr": "Rien.", "en": "Nothing."}
    with pytest.raises(MissingFacts) as raised:
        render(facts("en", kind="final", version=2, changes=changes, **later))
    named = {each.fact for each in raised.value.facts}
    assert {*later, "affected.subjects.conversations"} == named


def test_nothing_left_is_said_only_of_logs_without_a_gap() -> None:
    base = facts("en")
    assert base.nature.state == "known"
    nature = base.nature.value.model_copy(update={"exfiltration": "not_exfiltrated_evidence"})
    with pytest.raises(Refusal, match="106 of 108 hours"):
        render(facts("en", nature=said(nature)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", ["established", "suspected"])
def test_the_four_points_of_the_article_stand_in_the_mail_and_on_the_first_two_pages(
    language: str, status: str
) -> None:
    given_ = facts(language, status)
    files = render(given_)
    pages = PdfReader(io.BytesIO(next(b for n, b in files.items() if n.endswith(".pdf")))).pages
    first_two = flat(pages[0].extract_text() + pages[1].extract_text())
    t = Speech(given_.customer.language, given_.customer.time_zone)
    wanted = [
        given_.narrative.value.read(t.language) if given_.narrative.state == "known" else "",
        t("category.contact"),
        t("subjects.customers"),
        "breach@voxline.example",
        "+33 1 55 50 01 12",
        t("consequence.confidentiality_contact"),
        t("measure.access_revoked"),
        t("measure.credentials_rotated_planned"),
    ]
    if status == "established":
        wanted.append(
            t("range.best", best=t.count("people", 1100), least="980", most=t.number(1640))
        )
    for text in wanted:
        assert flat(text).lower() in first_two.lower(), text
        assert flat(text).lower() in flat(files["body.txt"].decode()).lower(), text
    points = [t(f"dossier.point_{point}") for point in "abcd"]
    assert all(flat(point) in first_two for point in points)


# Times


VECTORS = (
    (
        "2026-11-24T09:15Z",
        "vendredi 27 novembre 2026 à 10 h 15",
        "vendredi 27 novembre 2026 à 11 h 00",
    ),
    ("2026-11-27T17:40Z", "lundi 30 novembre 2026 à 18 h 40", "lundi 30 novembre 2026 à 19 h 00"),
    (
        "2026-12-24T16:05Z",
        "dimanche 27 décembre 2026 à 17 h 05",
        "dimanche 27 décembre 2026 à 18 h 00",
    ),
    ("2026-10-24T07:00Z", "mardi 27 octobre 2026 à 8 h 00", "mardi 27 octobre 2026 à 9 h 00"),
    ("2027-03-26T22:30Z", "mardi 30 mars 2027 à 0 h 30", "mardi 30 mars 2027 à 1 h 00"),
    ("2027-03-27T08:00Z", "mardi 30 mars 2027 à 10 h 00", "mardi 30 mars 2027 à 11 h 00"),
    ("2027-10-30T07:00Z", "mardi 2 novembre 2027 à 8 h 00", "mardi 2 novembre 2027 à 9 h 00"),
)


@pytest.mark.parametrize(("received", "ends", "arguable"), VECTORS)
def test_the_customers_own_72_hours_end_as_the_worked_examples_say(
    received: str, ends: str, arguable: str
) -> None:
    now = datetime.fromisoformat(received)
    base = facts("fr")
    assert base.clock.state == "known"
    due = {"due_at": now + timedelta(hours=1), "strict_due_at": now}
    clock = base.clock.value.model_copy(update=due)
    text = mail_of(facts("fr", prepared_at=now, clock=known(clock)))["body.txt"]
    words = re.sub(r"[\s\u00a0]+", " ", text)
    assert f"elles prennent fin le {ends}" in words
    assert f"prendrait fin le {arguable}" in words


def test_both_readings_and_every_correction_are_shown() -> None:
    base = facts("en")
    assert base.clock.state == "known"
    correction = {"former_at": at(24, 11), "corrected_at": at(24, 12, 5)}
    clock = base.clock.value.model_dump() | {"corrections": (correction,)}
    text = re.sub(r"\s+", " ", mail_of(facts("en", clock=known(clock)))["body.txt"])
    assert "Our limit under the contract: Thursday 26 November 2026 at 09:15" in text
    assert "Counted from first detection: Thursday 26 November 2026 at 02:40" in text
    assert "we had recorded Tuesday 24 November 2026 at 11:00" in text


def test_a_customer_found_later_reads_when_its_own_period_started() -> None:
    base = facts("en")
    assert base.clock.state == "known"
    later = {"starts_at": at(25, 14, 20), "due_at": at(27, 14, 20)}
    clock = base.clock.value.model_copy(update=later)
    text = re.sub(r"\s+", " ", mail_of(facts("en", clock=known(clock)))["body.txt"])
    assert "Your period started: Wednesday 25 November 2026 at 14:20" in text
    assert "Our limit under the contract: Friday 27 November 2026 at 14:20" in text


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_is_never_shown_later_than_it_is(instant: datetime) -> None:
    text = Speech("en", "UTC").instant(instant)
    read = datetime.strptime(text, "%A %d %B %Y at %H:%M UTC").replace(tzinfo=UTC)
    assert timedelta(0) <= instant - read < timedelta(minutes=1)


def test_a_register_with_a_wrong_time_zone_is_named() -> None:
    with pytest.raises(ConfigError, match="Europe/Pariss"):
        Speech("fr", "Europe/Pariss")


PLURALS = (
    ("fr", 0, "0 personne"),
    ("fr", 1, "1 personne"),
    ("fr", 2, "2 personnes"),
    ("fr", 1_000_000, "1\u202f000\u202f000 personnes"),
    ("en", 0, "0 people"),
    ("en", 1, "1 person"),
    ("en", 1234, "1,234 people"),
)


@pytest.mark.parametrize(("language", "number", "words"), PLURALS)
def test_words_follow_their_numbers(language: Any, number: int, words: str) -> None:
    t = Speech(language, "Europe/Paris")
    found = Range.model_validate(count(number, None, number))
    assert t.range("people", found) == words


def test_both_languages_say_the_same_things() -> None:
    english, french = _words("en"), _words("fr")
    assert english.keys() == french.keys()
    for key, words in english.items():
        assert set(re.findall(r"{\w+}", words)) == set(re.findall(r"{\w+}", french[key])), key


CODES: tuple[tuple[str, Any], ...] = (
    ("category", Category),
    ("effect", Effect),
    ("effect_short", Effect),
    ("subjects", Subjects),
    ("source", SourceKind),
    ("access", tuple("abcdef")),
    ("exfiltration", Nature.model_fields["exfiltration"].annotation),
    ("intelligibility", Nature.model_fields["intelligibility"].annotation),
    ("method", CountedBy),
    ("system", System.model_fields["kind"].annotation),
    ("role", Party.model_fields["role"].annotation),
    ("standing", Standing.model_fields["standing"].annotation),
    ("discovery", Clock.model_fields["known_by"].annotation),
    ("standing.by_", ShownBy),
    ("times.by_", Period.model_fields["method"].annotation),
    ("consequence.confidentiality_", Category),
    ("consequence", ("integrity", "availability")),
    ("action", Action.model_fields["kind"].annotation),
    ("open", OpenPoint.model_fields["kind"].annotation),
    ("measure", Measure.model_fields["kind"].annotation),
)
"""Every code a fact can have, and where its words stand; ``other`` brings its own."""


def test_every_code_has_its_words() -> None:
    words = _words("en")
    for place, codes in CODES:
        for code in codes if isinstance(codes, tuple) else get_args(codes):
            if place in ("action", "open", "measure") and code == "other":
                continue
            key = f"{place}{code}" if place.endswith("_") else f"{place}.{code}"
            assert key in words, key
            if place == "measure":
                assert f"{key}_planned" in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_breach_of_everything_by_everybody_can_be_told(language: str) -> None:
    everything = ("confidentiality", "integrity", "availability")
    measures = get_args(Measure.model_fields["kind"].annotation)
    actions = get_args(Action.model_fields["kind"].annotation)
    points = get_args(OpenPoint.model_fields["kind"].annotation)
    note = {"fr": "Précision.", "en": "Detail."}
    base = facts(language)
    assert base.nature.state == base.clock.state == "known"
    nature = base.nature.value.model_dump() | {
        "effects": everything,
        "integrity_state": "misused_recoverable",
        "availability_state": "temporary",
        "contained_at": None,
    }
    clock = base.clock.value.model_dump() | {"known_by": "report"}
    text = mail_of(
        facts(
            language,
            processor=base.processor.model_dump() | {"dpo": None},
            nature=said(nature),
            clock=known(clock),
            period=said({"begun_at": at(20, 1), "ended_at": None, "estimated": True}),
            affected=known(
                tuple(
                    {
                        "category": category,
                        "effects": everything,
                        "records": known(count(0, 3, 9, "estimate")),
                        "subjects": NOT_YET,
                    }
                    for category in get_args(Category)
                )
            ),
            measures=said(
                tuple(
                    {"kind": kind, "at": at(24, 4), "done": done, "note": note}
                    for kind in measures
                    for done in (True, False)
                )
            ),
            actions=said(tuple({"kind": kind, "note": note} for kind in actions)),
            open_points=tuple({"kind": kind, "note": note} for kind in points),
        )
    )["body.txt"]
    words = _words(cast("Language", language))
    for key in (
        "consequence.integrity",
        "consequence.availability",
        "contact.none",
        "open.purpose",
    ):
        assert flat(words[key]) in flat(text)
    assert text.count(note[language]) == 2 * len(measures) + len(actions) + len(points)


# Nobody else's


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_customers_documents_hold_nothing_of_anothers(language: str) -> None:
    other = CUSTOMERS["en" if language == "fr" else "fr"]
    strange = [other["id"], other["name"], other["address"], *other["accounts"]]
    for name, text in documents(facts(language)).items():
        for each in strange:
            assert flat(each).lower() not in flat(text).lower(), f"{each} in {name}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_personal_stands_in_the_subject(language: str) -> None:
    for status in ("established", "suspected"):
        subject = mail_of(facts(language, status))["subject.txt"]
        assert re.fullmatch(r"\[Voxline\]\[BREACH-2026-0007\]\[[A-ZÉ]+\] [^\n]+", subject)
        customer = CUSTOMERS[language]
        for each in (customer["name"], customer["id"], "1100", "Voxline CERT", "@"):
            assert each not in subject


@pytest.mark.parametrize(("language", "mark"), [("fr", "EXERCICE"), ("en", "EXERCISE")])
def test_an_exercise_says_so_everywhere(language: str, mark: str) -> None:
    files = render(facts(language, exercise=True))
    assert all(name.startswith(mark) for name in files if "dossier" in name)
    assert files["subject.txt"].decode().startswith(f"[{mark}]")
    assert mark in files["body.txt"].decode().splitlines()[0]
    for name, text in documents(facts(language, exercise=True)).items():
        assert mark in text or '"exercise":true' in text, name


# Nothing breaks out


HOSTILE = {
    "html": "<script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)>",
    "html end": '</td></table></body></html>"\'><a href="javascript:x">click</a><!--',
    "entities": "&lt;b&gt; &amp;amp; &#x202e;",
    "typst code": '#panic("x") #import "@preview/x:1.0.0" #read("/etc/passwd")',
    "typst markup": "= Heading\n*strong* _emph_ `raw` $x$ @ref <label> // no /* no */ \\ #[x]",
    "jinja": "{{ 7 * 7 }} {% include 'x' %} {# gone #}",
    "format": "{customer} {0.__class__} %s %(x)s ${x}",
    "header": "name\r\nBcc: everybody@evil.example\r\n\r\nbody",
    "nul": "before\x00after\x1b[31mred\x07",
    "right to left": "invoice\u202efdp.exe\u2066\u2069\u200f\u061c",
    "invisible": "a\u200bb\u00adc\ufeffd\u2028e\u2029f\u0085g",
    "formula": '=HYPERLINK("http://evil.example","x")+cmd|\' /C calc\'!A0',
    "other scripts": "顧客 عميل 😀 ลูกค้า \U000e0041",
    "json": '","value":null},"x":{"',
    "long word": "W" * 50_000,
    "long text": "word " * 20_000,
    "marks": "e" + "\u0301" * 500,
}


def infested(text: str, language: str = "en") -> NoticeFacts:
    """Return facts with this text wherever a text can come from outside."""
    words = {"fr": text, "en": text}
    contact = known(
        {"name": text, "function": words, "email": text, "phone": text, "always": False}
    )
    base = facts(language)
    assert isinstance(base.coverage, Known)
    assert base.clock.state == base.consequences.state == "known"
    source = {"kind": "log", "reference": text}
    coverage = [{**each.model_dump(), "source": text} for each in base.coverage.value]
    return facts(
        language,
        kind="update",
        version=2,
        prepared_at=at(26, 10),
        customer={**CUSTOMERS[language], "id": text, "name": text, "accounts": (text, text)}
        | {"address": text, "sector": text}
        | {"dpo": {"name": text, "email": text, "phone": text}},
        processor={"name": text, "address": text, "contact": contact, "dpo": contact}
        | {"signing_key": text},
        clock=known(base.clock.value.model_dump() | {"late_reason": words}),
        narrative=said(words),
        changes=words,
        systems=known(
            ({"name": text, "kind": "bucket", "location": text, "object_log": True},),
            reference=text,
        ),
        coverage=known(tuple(coverage), reference=text),
        consequences=said(base.consequences.value.model_dump() | {"note": words}),
        measures=said(({"kind": "other", "at": at(24, 4), "done": True, "note": words},)),
        actions=said(({"kind": "other", "note": words}, {"kind": "rotate_keys", "note": words})),
        open_points=({"kind": "other", "note": words},),
        parties=({"role": "other", "name": text, "location": text, "contact": text},),
        timeline=({"at": at(24, 2), "what": words, "source": source},),
        reply_to=text,
    )


class Tags(HTMLParser):
    """The tags of a page with their attributes, and what is written between them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[Any] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, tuple(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.tags.append(f"comment {data}")

    def handle_data(self, data: str) -> None:
        self.text += data


def tags(page: str) -> Tags:
    parser = Tags()
    parser.feed(page)
    parser.close()
    return parser


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
        assert flat(one_line) in flat(texts["pdf"])
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


def test_a_name_in_hebrew_greek_or_cyrillic_is_written_as_it_is() -> None:
    for name in ("אבי כהן", "Ελλάς", "Завод №5", "Łódź Ærø “Œuvre” €"):
        assert line(name) == name


@settings(max_examples=10, deadline=None)
@given(st.text(max_size=120))
def test_any_text_at_all_makes_a_pdf(text: str) -> None:
    given_ = infested(text or "x")
    if not prose(text):
        return
    assert render(given_)["body.txt"]


# A mail people can read


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_asks_nothing_of_the_network_and_can_be_read_aloud(language: str) -> None:
    page = mail_of(facts(language))["body.html"]
    found = tags(page).tags
    opened = [tag for tag in found if isinstance(tag, tuple)]
    names = {tag for tag, _ in opened}
    assert not names & {"script", "link", "img", "iframe", "form", "input", "object", "style"}
    assert not re.search(r"https?:|url\(|src=|@import", page)
    assert ("html", (("lang", language), ("dir", "ltr"))) in opened
    for tag, attributes in opened:
        values = dict(attributes)
        if tag == "th":
            assert values["scope"] in ("row", "rowgroup")
        if tag == "img":
            assert values["alt"]
        if tag == "table" and values.get("role") != "presentation":
            assert "style" in values
    headings = [tag for tag in names if re.fullmatch(r"h[1-6]", tag)]
    assert sorted(headings) == ["h1", "h2"]
    assert sum(tag == "h1" for tag, _ in opened) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_the_text_is_folded_by_a_mail_program(language: str) -> None:
    text = mail_of(facts(language))["body.txt"]
    assert max(map(len, text.splitlines())) <= 76
    assert not re.search(r"\n{4,}", text)


def test_the_mail_names_the_hash_of_the_dossier_that_goes_with_it() -> None:
    files = render(facts("en"))
    (pdf,) = (content for name, content in files.items() if name.endswith(".pdf"))
    for body in ("body.txt", "body.html"):
        assert hashlib.sha256(pdf).hexdigest() in files[body].decode()


def test_the_same_facts_give_the_same_bytes_and_another_minute_gives_others() -> None:
    first, again = render(facts("fr")), render(facts("fr"))
    later = render(facts("fr", prepared_at=at(24, 12, 41)))
    assert first == again
    assert all(first[name] != later[name] for name in first if name != "subject.txt")


def test_facts_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ValidationError, match="not in order"):
        Range.model_validate(count(5, 4, 9))
    with pytest.raises(ValidationError, match="go together"):
        facts("en", clock=known({**clock_of("en"), "due_at": None}))
    with pytest.raises(ValidationError):
        Customer.model_validate({**CUSTOMERS["fr"], "language": "de"})


def clock_of(language: str) -> dict[str, Any]:
    clock = facts(language).clock
    assert clock.state == "known"
    return clock.value.model_dump()
