"""What tests of documents share: each output as the text and the tags that a reader gets."""

import io
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from pypdf import PdfReader

from incidents.documents import NoticeFacts, render
from incidents.documents.notice import render_notice

LANGUAGES = ("fr", "en")


def text_of(pdf: bytes) -> str:
    """Return what a PDF says, page by page."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "\n\n".join(
        f"--- {number}\n{page.extract_text()}" for number, page in enumerate(pages, 1)
    )


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
