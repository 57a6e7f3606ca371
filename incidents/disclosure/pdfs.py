"""What a PDF says: its strings, and the streams that are text; not the words it is built of.

Every PDF has names such as ``/Page``, ``/Title``, ``/Next``: they are nobody's. What is left when
they are taken out is given, strings or not: nothing is lost because a file is no proper PDF. The
letters on its pages are numbers of glyphs; what ours say stands in the JSON it holds.

Source: ISO 32000-2, 7.3 (objects), 7.3.4 (strings), 7.3.8 (streams), 7.9.2 (text strings).
"""

import re
import zlib
from collections.abc import Iterator

_MOST_INFLATED = 64 << 20
_BEGINS, _ENDS = re.compile(rb"stream\r?\n"), b"endstream"
_PARENTHESIS = re.compile(rb"\\.|[()]", re.DOTALL)
_NAME = re.compile(rb"/[^\s()<>\[\]{}/%]*")
_HEX = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_KEYWORD = re.compile(
    rb"\b(?:endobj|obj|endstream|stream|startxref|xref|trailer|true|false|null|R|[nf])\b"
)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r?\n|.)", re.DOTALL)
_BLANKS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_WIDE = b"\xfe\xff"


def parts(content: bytes) -> Iterator[bytes | str]:
    """Yield what a PDF holds as text: streams as bytes, which may be anything, then its strings."""
    bare, end = list[bytes](), 0
    while (begins := _BEGINS.search(content, end)) is not None:
        ends = content.find(_ENDS, begins.end())
        if ends < 0:
            break
        bare.append(content[end : begins.start()])
        end = ends + len(_ENDS)
        inside = _inflated(content[begins.end() : ends])
        if inside.lstrip()[:1] in (b"{", b"[", b"<"):  # else glyphs, fonts, pictures
            yield inside
    bare.append(content[end:])
    for one in bare:
        yield from _strings(one)


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream, _MOST_INFLATED)
    except zlib.error:
        return stream


def _strings(bare: bytes) -> Iterator[str]:
    """Yield the strings of objects, and what stands between them that is no structure."""
    depth, begins, end, between = 0, 0, 0, list[bytes]()
    for found in _PARENTHESIS.finditer(bare):
        if found[0] == b"(":
            if depth == 0:
                between.append(bare[end : found.start()])
                begins = found.end()
            depth += 1
        elif found[0] == b")" and depth:
            depth -= 1
            if depth == 0:
                yield _text(_ESCAPED.sub(_unescaped, bare[begins : found.start()]))
                end = found.end()
    if depth:  # a string without an end
        yield _text(bare[begins:])
    else:
        between.append(bare[end:])
    for one in between:
        for written in _HEX.finditer(one):
            digits = b"".join(written[1].split())
            yield _text(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()))
        other = _KEYWORD.sub(b" ", _NAME.sub(b" ", _HEX.sub(b" ", one)))
        if re.search(rb"[^\s\d<>\[\]{}%.+-]", other):
            yield _text(other)


def _text(string: bytes) -> str:
    if string.startswith(_WIDE):
        return string[len(_WIDE) :].decode("utf-16-be", "replace")
    try:
        return string.decode()
    except ValueError:
        return string.decode("latin-1")


def _unescaped(found: re.Match[bytes]) -> bytes:
    said = found[1]
    if said[:1].isdigit() and b"0" <= said[:1] <= b"7":
        return bytes([int(said, 8) & 0xFF])
    return _BLANKS.get(said, b"" if said.endswith(b"\n") else said)
