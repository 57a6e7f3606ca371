r"""What a file says, however it is encoded: JSON in JSON, parts of a mail, HTML, what a PDF holds.

A word that is hidden by its encoding is read by people all the same: ``\u00ca``, ``=C3=8A``,
``w4o=``, ``&Ecirc;``, ``%C3%8A``, ``c38a``; also where the encoded is part of a text, as in a data
URL or a token. Nothing here fails on anything; what cannot be decoded is given
as it stands.

Source: RFC 8259 (JSON); HTML, "Named character references"; RFC 3986, section 2.1.
"""

import html
import json
import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from incidents.disclosure import mails, markup, pdfs
from incidents.disclosure.encodings import hidden, inflated, wide

_DEEPEST = 8
"""So many encodings within each other are undone."""

_OF_ANYTHING = frozenset({"id", "uid", "name", "value"})
_SALT_BYTES = 16
_STRANGE = "\N{REPLACEMENT CHARACTER}"
_BYTES = re.compile(r"(?<!\\)(?:\\+(?:x[0-9A-Fa-f]{2}|[0-3][0-7]{2}))+")
_BYTE = re.compile(r"\\+(?:x([0-9A-Fa-f]{2})|([0-3][0-7]{2}))")
_ESCAPE = re.compile(r"(?<!\\)\\+(u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,6}\}|U[0-9A-Fa-f]{8}|[nrt\"'/])")
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


def field_of(key: str, parent: str) -> str:
    """Return the field that a value is of: the ``id`` of an ``actor`` is an actor."""
    return parent if parent and key.casefold() in _OF_ANYTHING else key


def _of_bytes(content: bytes, where: str, deeper: int, field: str = "") -> Iterator[Said]:
    if deeper == 0:
        return
    content = inflated(content)
    if content.startswith(b"%PDF"):
        for part in pdfs.parts(content):
            yield from _of_part(part, where, deeper - 1)
    elif mails.is_mail(content):
        yield from _of_mail(content, where, deeper)
    else:
        encoding = next((name for bom, name in _BOMS if content.startswith(bom)), wide(content))
        text = content.decode(encoding, "replace")
        yield from _of_text(text, where, field, deeper)
        if _STRANGE in text:  # no UTF-8, and of Western Europe then
            yield from _of_text(content.decode("latin-1"), where, field, deeper)


def _of_part(part: bytes | str, where: str, deeper: int) -> Iterator[Said]:
    if isinstance(part, bytes):
        yield from _of_bytes(part, where, deeper)
    else:
        yield from _of_text(part, where, "", deeper)


def _of_mail(content: bytes, where: str, deeper: int) -> Iterator[Said]:
    for place, part in mails.parts(content):
        header = place.startswith("header ") and where
        named = place.replace("header", where, 1) if header else where or place
        yield from _of_part(part, named, deeper - 1)


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
    if mails.is_mail(text):
        yield from _of_mail(text.encode("utf-8", "replace"), where, deeper)
        return
    bare = markup.told(text) if "<" in text else text
    yield Said(where, field, bare)
    if "<" in text and "&" in text:
        yield Said(where, field, html.unescape(bare))  # what stands within tags too
    for inside in hidden(text):
        yield from _of_bytes(inside, where, deeper - 1, field)
    if (other := _undone(text)) != text:
        yield from _of_text(other, where, field, deeper - 1)


def _undone(text: str) -> str:
    """Return a text with what may hide its words undone, once."""
    if "=?" in text:
        text = mails.words(text)
    if "=" in text:
        text = mails.quoted(text)
    if "<" in text:
        text = markup.untagged(text)
    if "&" in text:
        text = html.unescape(text)
    if "%" in text:
        text = mails.unpercented(text).replace("+", " ")
    if "\\" in text:
        # Two halves make one character.
        halves = _ESCAPE.sub(_escaped, _BYTES.sub(_bytes, text)).encode("utf-16", "surrogatepass")
        text = halves.decode("utf-16", "replace")
    return text


def _escaped(found: re.Match[str]) -> str:
    said = found[1]
    if said[0] not in "uU":
        return _BLANKS.get(said, said)
    number = int(said[1:].strip("{}"), 16)
    return chr(number) if number <= sys.maxunicode else _STRANGE


def _bytes(found: re.Match[str]) -> str:
    """Return what bytes that are written one by one say together."""
    each = (int(hexed, 16) if hexed else int(octal, 8) for hexed, octal in _BYTE.findall(found[0]))
    return mails.as_text(bytes(each))


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
                waiting.append((inner, f"{place}.{key}" if place else key, field_of(key, of)))
        elif isinstance(one, list):
            waiting.extend((inner, place, of) for inner in one)
        elif isinstance(one, str):
            yield from _of_text(one, place, of, deeper)
        elif isinstance(one, int) and not isinstance(one, bool):
            yield Said(place, of, str(one))
        elif isinstance(one, float) and one.is_integer():
            yield Said(place, of, str(int(one)))
