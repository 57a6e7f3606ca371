"""What a person's answer says in its own words, apart from what it quotes of us.

A notice asks for its code in the answer. Nearly every answer quotes the notice, and the code with
it: a code counts only where the answer itself says it. In doubt it does not count, and a person
asks.

Source: RFC 3834, 2 and 3.1 (answers by machines), RFC 3676, 4.5 (quoted lines).
"""

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message as Part
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import NamedTuple

MOST_NAME = 100
MOST_CHARACTERS = 50_000
"""Of a mail's text that are read: an answer's own words stand first, and the rest costs time."""

_QUOTES = re.compile(
    r"gmail_quote|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg|appendonsend|OutlookMessageHeader"
)
_BREAKING = {"br", "p", "div", "tr", "li", "h1", "h2", "h3"}
_HIDDEN = {"style", "script", "head", "title"}
_QUOTE_BEGINS = re.compile(
    r"^\s*(?:-{2,}.*(?:original|origine|forwarded|transf).*-{2,}|_{10,}"
    r"|\*?(?:from|de|von)\s*:.*|(?:on|le|am)\b.*(?:wrote|a écrit|schrieb)\s*:?)\s*$",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"[^\W\d_a-z][\w.'\u2019-]*(?: (?:[^\W\d_a-z][\w.'\u2019-]*|de|du|von|van|da|la|le)){1,4}"
)
_GREETING = re.compile(r"\b(?:regards|greetings|salutations|thanks|merci|dear)\b", re.IGNORECASE)
_WORD = re.compile(r"[\w-]+")
_BEFORE, _AFTER = 3, 2
_MACHINES = ("auto_reply", "bulk", "junk", "list")


class Sender(NamedTuple):
    """Whom a mail says it is from. Anybody can write anything there.

    Attributes:
        name: As it is shown, or "".
        address: In small letters; "" when there is none, or more than one.
    """

    name: str
    address: str


def sender(raw: bytes) -> Sender:
    """Return whom a mail says it is from."""
    written = [str(one) for one in _parsed(raw).get_all("From", [])]
    found = getaddresses(written)
    if len(written) != 1 or len(found) != 1:
        return Sender("", "")
    name, address = found[0]
    try:
        name = str(make_header(decode_header(name)))
    except (HeaderParseError, LookupError, UnicodeError):
        name = ""
    shown = "".join(one for one in " ".join(name.split()) if one.isprintable())
    return Sender(shown[:MOST_NAME], address.casefold())


def signed(own: str, code: str) -> str:
    """Return the name an answer gives with a code: beside it, or alone on a line below it.

    Args:
        own: The answer's own words.
        code: As the notice has it.

    Returns:
        Two to five words that begin as names do; "" when there is none: neither a sentence nor a
        greeting is a name.
    """
    letters = r"[\W_]*".join(plain(code))
    before, *after = re.split(letters, own, maxsplit=1, flags=re.IGNORECASE) or [""]
    if not after:
        return ""
    beside = [before.rpartition("\n")[2], after[0].partition("\n")[0]]
    below = after[0].split("\n")[1:]
    for one in (*beside, *below):
        words: str = one.strip(" \t\r.,;:()-\u2013\u2014")
        if len(words) <= MOST_NAME and _NAME.fullmatch(words) and not _GREETING.search(words):
            return words
    return ""


def by_machine(raw: bytes) -> bool:
    """Return whether a machine wrote a mail: an absence, a receipt of arrival, a report."""
    mail = _parsed(raw)
    return (
        _said(mail, "Auto-Submitted") not in ("", "no")
        or any(mail[name] for name in ("X-Autoreply", "X-Autorespond"))
        or _said(mail, "Precedence") in _MACHINES
        or _said(mail, "Return-Path") == "<>"
        or "mailer-daemon@" in _said(mail, "From")
        or mail.get_content_type() == "multipart/report"
    )


def own_words(raw: bytes) -> str:
    """Return the text of a mail without what it quotes; "" when there is none."""
    text = _text(_parsed(raw))
    lines = list[str]()
    for line in text.splitlines():
        if _QUOTE_BEGINS.match(line[:200]):
            break
        if not line.lstrip().startswith((">", "|")):
            lines.append(line)
    return "\n".join(lines)


def says(own: str, code: str, notice: str) -> bool:
    """Return whether an answer says a code, and not only repeats the sentences it stood in.

    Args:
        own: The answer's own words.
        code: As the notice has it.
        notice: Text of the notice: where its words stand around the code, it is quoted.
    """
    around = set(_around(notice, code))
    return any(one not in around for one in _around(own, code))


def plain(code: str) -> str:
    """Return a code as it is compared: without what people put in or leave out."""
    return re.sub(r"[\W_]", "", code).upper()


def _around(text: str, code: str) -> list[tuple[str, ...]]:
    words = [one.lower() for one in _WORD.findall(text)]
    wanted = plain(code)
    found = list[tuple[str, ...]]()
    for place, word in enumerate(words):
        pair = "".join(words[place : place + 2])  # typed with a space in it
        length = 1 if plain(word) == wanted else 2 if plain(pair) == wanted else 0
        if length:
            end = place + length
            found.append((*words[max(0, place - _BEFORE) : place], *words[end : end + _AFTER]))
    return found


def _text(mail: Part) -> str:
    found = {"text/plain": "", "text/html": ""}
    for part in _shown(mail):
        kind = part.get_content_type()
        if kind in found and not found[kind]:
            body = part.get_payload(decode=True)
            found[kind] = _decoded(body if isinstance(body, bytes) else b"", part)[:MOST_CHARACTERS]
    if found["text/plain"].strip():
        return found["text/plain"]
    text = found["text/html"]
    # A tag that nothing ends would be looked for again and again.
    begun = text.find("<", text.rfind(">") + 1)
    html = _Html()
    html.feed(text if begun < 0 else text[:begun])
    html.close()
    return "".join(html.words)


class _Html(HTMLParser):
    """Text of a mail in HTML, up to where it begins to quote."""

    def __init__(self) -> None:
        super().__init__()
        self.words = list[str]()
        self._hidden, self._quotes = 0, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marks = " ".join(value or "" for name, value in attrs if name in ("class", "id"))
        self._quotes = self._quotes or tag == "blockquote" or bool(_QUOTES.search(marks))
        self._hidden += tag in _HIDDEN
        if tag in _BREAKING:
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _HIDDEN and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._quotes and not self._hidden:
            self.words.append(data)


def _shown(part: Part) -> list[Part]:
    """Return what a program shows as the mail itself: no attachment, no mail in a mail."""
    if part.get_content_disposition() == "attachment" or part.get_content_maintype() == "message":
        return []
    if not part.is_multipart():
        return [part]
    inner = part.get_payload()
    parts = inner if isinstance(inner, list) else []
    return [leaf for one in parts if isinstance(one, Part) for leaf in _shown(one)]


def _decoded(body: bytes, part: Part) -> str:
    try:
        return body.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:
        return body.decode("latin-1")


def _parsed(raw: bytes) -> Part:
    return BytesParser(policy=compat32).parsebytes(raw)


def _said(mail: Part, name: str) -> str:
    return " ".join(str(mail.get(name, "")).split()).lower()
