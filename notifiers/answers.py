"""What a person's answer says in its own words, apart from what it quotes of us.

A notice asks for its code in the answer. Nearly every answer quotes the notice, and the code with
it: a code counts only where the answer itself says it. In doubt it does not count, and a person
asks.

Source: RFC 3834, 2 and 3.1 (answers by machines), RFC 3676, 4.5 (quoted lines).
"""

import re
from email.message import Message as Part
from email.parser import BytesParser
from email.policy import compat32
from html import unescape

_QUOTED_HTML = re.compile(
    r"<blockquote|gmail_quote|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg|appendonsend"
    r"|OutlookMessageHeader",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"<(?:br|p|div|tr|li|h\d)\b[^>]*>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(style|script|head)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_QUOTE_BEGINS = re.compile(
    r"^\s*(?:-{2,}.*(?:original|origine|forwarded|transf).*-{2,}|_{10,}"
    r"|\*?(?:from|de|von)\s*:.*|(?:on|le|am)\b.*(?:wrote|a écrit|schrieb)\s*:?)\s*$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\w-]+")
_BEFORE, _AFTER = 3, 2
_MACHINES = ("auto_reply", "bulk", "junk", "list")


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
        if _QUOTE_BEGINS.match(line):
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
            found[kind] = _decoded(body if isinstance(body, bytes) else b"", part)
    if found["text/plain"].strip():
        return found["text/plain"]
    html = found["text/html"]
    if quoted := _QUOTED_HTML.search(html):
        html = html[: html.rfind("<", 0, quoted.start() + 1)]
    return unescape(_TAG.sub("", _BREAKS.sub("\n", _HIDDEN.sub("", html))))


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
