"""The mail can be read everywhere, names its dossier, and is the same for the same facts."""

import hashlib
import re

import pytest

from incidents.documents import render
from tests.incidents.reading import LANGUAGES, mail_of, tags
from tests.incidents.samples import at, facts


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
            assert values["scope"] in ("row", "col")
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
