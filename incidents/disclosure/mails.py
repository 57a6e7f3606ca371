"""What the parts and headers of a mail say, however its letters are encoded.

A mail is told by two headers and a blank line; what a mailbox puts before it stops nothing. A name
of a header counts as text unless it is one that mails have.

Source: RFC 5322 (headers); RFC 2045 (quoted-printable, base64), RFC 2047 (encoded words), RFC 2231
(parameters in several parts); RFC 4155 (mbox).
"""

import base64
import quopri
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from urllib.parse import unquote_to_bytes

_HEADERS = r"\A(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}\r?\n"
_IN_BYTES, _IN_TEXT = re.compile(_HEADERS.encode()), re.compile(_HEADERS)
_BEFORE = re.compile(rb"\A(?:[ \t]*\r?\n)*(?:>?From [^\n]*\n)?(?:[ \t]*\r?\n)*")
_BEFORE_TEXT = re.compile(_BEFORE.pattern.decode())
_NEXT = re.compile(rb"(?<=\n)\r?\n(?=From [^\n]*\n)")
_USUAL = re.compile(
    r"(?:content|list|mime|arc|resent)-[\w-]+|(?:from|to|cc|bcc|sender|reply-to|subject|date)"
    r"|message-id|in-reply-to|references|received(?:-spf)?|return-path|delivered-to|importance"
    r"|dkim-signature|authentication-results|auto-submitted|x-mailer|user-agent|priority",
    re.IGNORECASE,
)
_KIND = re.compile(
    r"\s*(?:(?:text|multipart|application|image|message|audio|video|font)/[\w.+-]+|quoted-printable"
    r"|base64|[78]bit|binary|attachment|inline)(?=[\s;]|$)",
    re.IGNORECASE,
)
"""What a part is, in words that all mails have."""

_WORD = r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?="
_WORDS = re.compile(rf"{_WORD}(?:\s+{_WORD})*")
_ONE = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=")
_PARAMETER = re.compile(r";\s*([\w-]+)\*(?:\d+\*?)?=(?:\"([^\"]*)\"|([^;\s]*))")
_CHARSET = re.compile(r"([\w.:-]*)'[\w-]*'(.*)", re.DOTALL)
_QUOTED, _PERCENT = re.compile(r"(?:=[0-9A-Fa-f]{2}|=\r?\n)+"), re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_SOFT = re.compile(r"=\r?\n")
_UTF_8 = ("utf-8", "us-ascii", "ascii")


def is_mail(content: bytes | str) -> bool:
    """Return whether something is a mail, or a box of them."""
    if isinstance(content, bytes):
        return _IN_BYTES.match(_BEFORE.sub(b"", content, count=1)) is not None
    return _IN_TEXT.match(_BEFORE_TEXT.sub("", content, count=1)) is not None


def parts(content: bytes) -> Iterator[tuple[str, bytes | str]]:
    """Yield what a mail says, each with where it stands in it: texts, and contents of parts."""
    is_box = content.lstrip().startswith(b"From ")
    for one in _NEXT.split(content) if is_box else [content]:
        before = _BEFORE.match(one)
        begins = before.end() if before else 0
        if one[:begins].strip():
            yield "before the mail", as_text(one[:begins])
        yield from _parts(one[begins:])


def words(text: str) -> str:
    """Return a text with its encoded words as people read them."""
    return _WORDS.sub(_read, text)


def quoted(text: str) -> str:
    """Return a text with the quoted-printable in it as people read it, if there surely is some.

    ``?name=Beau`` is none: only a letter of several bytes, or a line that goes on, tells.
    """
    runs = _QUOTED.finditer(text)
    if not _SOFT.search(text) and not any(_is_letter(one[0]) for one in runs):
        return text
    return _QUOTED.sub(lambda run: as_text(quopri.decodestring(run[0].encode())), text)


def unpercented(text: str) -> str:
    """Return a text with the bytes of a URL's escapes in it as people read them."""
    return _PERCENT.sub(lambda run: as_text(unquote_to_bytes(run[0])), text)


def as_text(content: bytes, charset: str = "utf-8") -> str:
    """Return bytes as a text: in their charset, in UTF-8, or else in Western Europe's."""
    for one in (charset, "utf-8"):
        try:
            return content.decode(one)
        except (ValueError, LookupError):
            continue
    return content.decode("latin-1")


def _parts(content: bytes) -> Iterator[tuple[str, bytes | str]]:
    try:
        found = list(message_from_bytes(content).walk())
    except (ValueError, LookupError, RecursionError, AssertionError):
        yield "", content.decode("utf-8", "replace")
        return
    for part in found:
        for key, value in part.raw_items():
            said = as_text(str(value).encode("utf-8", "surrogateescape"))
            bare = _KIND.sub("", said, count=1) if key.lower().startswith("content-") else said
            yield f"header {key}", bare if _USUAL.fullmatch(key) else f"{key}: {bare}"
            if "*" in said:
                yield f"header {key}", _continued(said)
        if part.is_multipart():
            for text in (part.preamble, part.epilogue):
                if text:
                    yield "", as_text(text.encode("utf-8", "surrogateescape"))
        else:
            yield from _payload(part)


def _payload(part: Message) -> Iterator[tuple[str, bytes | str]]:
    payload, kind = part.get_payload(decode=True), part.get_content_type()
    if not isinstance(payload, bytes):
        return
    charset = part.get_content_charset() or "utf-8"
    if part.get_content_maintype() == "text" and charset not in _UTF_8:
        try:
            yield kind, payload.decode(charset, "replace")
        except (LookupError, ValueError):
            yield kind, payload  # a charset nobody knows
            return
        if payload.isascii() or not _is_utf_8(payload):
            return
    yield kind, payload


def _is_letter(run: str) -> bool:
    said = quopri.decodestring(run.encode())
    return not said.isascii() and _is_utf_8(said)


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except ValueError:
        return False
    return True


def _read(found: re.Match[str]) -> str:
    """Return encoded words beside each other as one: a letter may stand in two of them."""
    told, last, waiting = list[str](), "utf-8", b""
    for one in _ONE.finditer(found[0]):
        charset = one[1].partition("*")[0].lower()
        if charset != last:
            told.append(as_text(waiting, last))
            last, waiting = charset, b""
        waiting += _content(one[2], one[3])
    return "".join((*told, as_text(waiting, last)))


def _content(how: str, said: str) -> bytes:
    raw = said.encode("utf-8", "replace")
    if how in "qQ":
        return quopri.decodestring(raw, header=True)
    try:
        return base64.b64decode(raw + b"==")
    except ValueError:
        return raw


def _continued(value: str) -> str:
    """Return the parameters of a header that stand in parts or say their charset, put together."""
    together = dict[str, str]()
    for one in _PARAMETER.finditer(value):
        together[one[1]] = together.get(one[1], "") + (one[2] or one[3] or "")
    told = list[str]()
    for said in together.values():
        charset = _CHARSET.fullmatch(said)
        name, text = (charset[1], charset[2]) if charset else ("", said)
        told.append(as_text(unquote_to_bytes(text), name or "utf-8"))
    return "; ".join(told)
