r"""What a file says, however it is encoded: JSON in JSON, parts of a mail, HTML, what a PDF holds.

A word that is hidden by its encoding is read by people all the same: ``\u00ca``, ``=C3=8A``,
``w4o=``, ``&Ecirc;``, ``%C3%8A``, ``c38a``; also where the encoded is part of a text, as in a data
URL or a token. Nothing here fails on anything; what cannot be decoded is given
as it stands.

Source: RFC 8259 (JSON); RFC 2045, RFC 2047 (MIME); HTML, "Named character references"; RFC 3986,
section 2.1; ISO 32000-2, 7.3.8 (streams of a PDF).
"""

import html
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import unquote

from incidents.disclosure.encodings import hidden, inflated, wide

_DEEPEST = 8
"""So many encodings within each other are undone."""

_MOST_INFLATED = 64 << 20
_SALT_BYTES = 16
_LONG_NUMBER = 10**8
"""From here on a number may be one to call."""

_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_MAIL = re.compile(rb"\A(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}\r?\n")
_INLINE = re.compile(
    r"</?(?:a|b|i|u|em|strong|span|small|sub|sup|wbr|mark)\b[^<>]*>", re.IGNORECASE
)
_CELL = re.compile(r"</?(?:td|th|tr)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z!][^<>]*>", re.DOTALL)
_ESCAPE = re.compile(r"\\+(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[nrt\"'/])")
_BLANKS = {"n": "\n", "r": "\r", "t": "\t"}
_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


class Said(NamedTuple):
    """One text of a file.

    Attributes:
        where: In the file; "" for all of it.
        field: The field it is the value of; "" for none.
        text: It.
        is_key: It is the name of a field and no value.
    """

    where: str
    field: str
    text: str
    is_key: bool = False


def texts(name: str, content: bytes) -> Iterator[Said]:
    """Yield what a file says.

    Args:
        name: Its path in a bundle: a payload begins with its salt.
        content: Its bytes.
    """
    if name.startswith("payloads/"):
        content = content[_SALT_BYTES:]
    yield from _of_bytes(content, "", _DEEPEST)


def of_value(value: Any, where: str = "", field: str = "") -> Iterator[Said]:
    """Yield what a decoded JSON value says."""
    yield from _of_value(value, where, field, _DEEPEST)


def _of_bytes(content: bytes, where: str, deeper: int, field: str = "") -> Iterator[Said]:
    if deeper == 0:
        return
    content = inflated(content)
    if content.startswith(b"%PDF"):
        yield from _of_pdf(content, where, deeper)
    elif _MAIL.match(content):
        yield from _of_mail(content, where, deeper)
    else:
        encoding = next((name for bom, name in _BOMS if content.startswith(bom)), wide(content))
        text = content.decode(encoding, "replace")
        yield from _of_text(text, where, field, deeper)
        if "\N{REPLACEMENT CHARACTER}" in text:  # no UTF-8, and of Western Europe then
            yield from _of_text(content.decode("latin-1"), where, field, deeper)


def _of_text(text: str, where: str, field: str, deeper: int) -> Iterator[Said]:
    """Yield a text, or what it says where it is JSON or lines of it."""
    if deeper == 0:
        yield Said(where, field, text)
        return
    if text.lstrip()[:1] in ("{", "[", '"'):
        whole = _json(text)
        if whole is not None:
            yield from _of_value(whole[0], where, field, deeper - 1)
            return
        if (begins := text.lstrip().partition("\n"))[2] and _json(begins[0]) is not None:
            for number, line in enumerate(text.splitlines(), 1):
                yield from _of_text(line, f"{where or 'line'} {number}", field, deeper - 1)
            return
    yield Said(where, field, text)
    if "<" in text and "&" in text:
        yield Said(where, field, html.unescape(text))  # what stands within tags too
    for inside in hidden(text):
        yield from _of_bytes(inside, where, deeper - 1, field)
    if (other := _undone(text)) != text:
        yield from _of_text(other, where, field, deeper - 1)


def _undone(text: str) -> str:
    """Return a text with what may hide its words undone, once."""
    if "<" in text:
        text = _TAG.sub(" ", _CELL.sub("\x1f", _INLINE.sub("", text)))
    if "&" in text:
        text = html.unescape(text)
    if "%" in text:
        text = unquote(text).replace("+", " ")
    if "\\" in text:
        # Two halves make one character.
        halves = _ESCAPE.sub(_escaped, text).encode("utf-16", "surrogatepass")
        text = halves.decode("utf-16", "replace")
    return text


def _escaped(found: re.Match[str]) -> str:
    said = found[1]
    return chr(int(said[1:], 16)) if said[0] in "ux" else _BLANKS.get(said, said)


def _json(text: str) -> tuple[Any] | None:
    """Return what a JSON text holds, with every key though it stand twice; None for no JSON."""
    try:
        return (json.loads(text, object_pairs_hook=tuple),)
    except (ValueError, RecursionError):
        return None


def _of_value(value: Any, where: str, field: str, deeper: int) -> Iterator[Said]:
    waiting = [(value, where, field)]
    while waiting:
        one, place, of = waiting.pop()
        if isinstance(one, dict):
            one = tuple(one.items())
        if isinstance(one, tuple):
            for key, inner in one:
                yield Said(place, of, key, is_key=True)
                waiting.append((inner, f"{place}.{key}" if place else key, key))
        elif isinstance(one, list):
            waiting.extend((inner, place, of) for inner in one)
        elif isinstance(one, str):
            yield from _of_text(one, place, of, deeper)
        elif isinstance(one, int) and not isinstance(one, bool):
            yield Said(place, of, f"+{one}" if one >= _LONG_NUMBER else str(one))


def _of_mail(content: bytes, where: str, deeper: int) -> Iterator[Said]:
    try:
        parts = list(message_from_bytes(content).walk())
    except (ValueError, LookupError, RecursionError, AssertionError):
        yield Said(where, "", content.decode("utf-8", "replace"))
        return
    for part in parts:
        for key, value in part.items():
            yield from _of_text(_header(str(value)), f"{where or 'header'} {key}", "", deeper - 1)
        if part.is_multipart():
            yield from _outside(part, where)
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        charset = part.get_content_charset() or "utf-8"
        if part.get_content_maintype() == "text" and charset not in ("utf-8", "us-ascii"):
            with suppress(LookupError):  # a charset nobody knows: as it stands
                payload = payload.decode(charset, "replace").encode("utf-8", "replace")
        yield from _of_bytes(payload, where or part.get_content_type(), deeper - 1)


def _outside(part: Message, where: str) -> Iterator[Said]:
    """Yield what stands before the first part of a mail and behind its last."""
    for text in (part.preamble, part.epilogue):
        if text:
            yield Said(where, "", text)


def _header(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, ValueError, LookupError):
        return value


def _of_pdf(content: bytes, where: str, deeper: int) -> Iterator[Said]:
    """Yield what a PDF holds as text: its metadata, and the JSON its pages are made of.

    The letters on its pages are numbers of glyphs; what ours say stands in that JSON.
    """
    bare = list[bytes]()
    end = 0
    for stream in _STREAM.finditer(content):
        bare.append(content[end : stream.start()])
        end = stream.end()
        try:
            inside = zlib.decompressobj().decompress(stream[1], _MOST_INFLATED)
        except zlib.error:
            inside = stream[1]
        if inside.lstrip()[:1] in (b"{", b"[", b"<"):  # else glyphs, fonts, pictures
            yield from _of_bytes(inside, where, deeper - 1)
    bare.append(content[end:])
    yield Said(where, "", b" ".join(bare).decode("utf-8", "replace"))
    for title in re.findall(rb"\(\xfe\xff((?:[^)\\]|\\.)*)\)", content, re.DOTALL):
        yield Said(where, "", re.sub(rb"\\(.)", rb"\1", title).decode("utf-16-be", "replace"))
