r"""Text from outside, made harmless once, where it enters a document's facts.

Names in logs and registers are written by others. A line break would end a header, a bidirectional
override would make a name read backwards, a NUL ends a file, and what nobody sees makes two names
look alike. Each such character is shown as its code point in brackets instead, ``[U+202E]``:
nothing vanishes without a trace. Letters of every script stay as they are. Markup needs no care
here: HTML is escaped where it is rendered, and the PDF takes its texts as data.

The PDF alone has a further need: a glyph that its fonts lack would stop it. ``drawn`` shows such a
letter as its code point there, and ``undrawn`` names it to whoever looks at the preview. So would a
mark on a letter of another script: no font has both.

Source: Unicode Standard Annex 9 (bidirectional formatting characters), Annex 44
(Default_Ignorable_Code_Point); the fonts inside the typst wheel (Libertinus Serif, New Computer
Modern, DejaVu Sans Mono).
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator

LINE = 200
"""Longest text on one line: names, objects, addresses."""

PROSE = 4000
"""Longest text a person writes about one point."""

_UNSEEN = (
    (0x034F, 0x034F),  # joins combining marks
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer vowels that are not written
    (0x180B, 0x180F),  # Mongolian variants
    (0x2800, 0x2800),  # Braille without a dot
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # variants
    (0xFFA0, 0xFFA0),  # Hangul filler
    (0xE0000, 0xE0FFF),  # tags and variants
)
"""Letters and marks that nobody sees; the categories C, Zl and Zp are unseen as a whole."""

_PICTURED = "\ufe0f"
"""After a symbol: it is meant as a picture."""

_DRAWN = (
    (0x0020, 0x007E),  # Latin
    (0x00A0, 0x00AC),
    (0x00AE, 0x02AF),  # but the soft hyphen
    (0x0300, 0x0304),  # combining accents that the normal form leaves over
    (0x0384, 0x038A),  # Greek
    (0x038C, 0x038C),
    (0x038E, 0x03A1),
    (0x03A3, 0x03CE),
    (0x0400, 0x0482),  # Cyrillic
    (0x048A, 0x04FF),
    (0x0531, 0x0556),  # Armenian
    (0x0559, 0x058A),
    (0x05D0, 0x05EA),  # Hebrew
    (0x060C, 0x060C),  # Arabic
    (0x061B, 0x061B),
    (0x061F, 0x061F),
    (0x0621, 0x063A),
    (0x0640, 0x064A),
    (0x0660, 0x066D),
    (0x067E, 0x067E),  # of Persian and Urdu
    (0x0686, 0x0686),
    (0x0691, 0x0691),
    (0x0698, 0x0698),
    (0x06A9, 0x06A9),
    (0x06AF, 0x06AF),
    (0x06BE, 0x06BE),
    (0x06CC, 0x06CC),
    (0x06F0, 0x06F9),
    (0x0900, 0x097F),  # Devanagari
    (0x10D0, 0x10FF),  # Georgian
    (0x1E00, 0x1EFF),  # Latin with several marks
    (0x2010, 0x2014),  # dashes
    (0x2018, 0x201E),  # quotation marks
    (0x2020, 0x2022),
    (0x2026, 0x2026),
    (0x202F, 0x2030),
    (0x2039, 0x203A),
    (0x20AC, 0x20AC),
    (0x2116, 0x2116),
    (0x2122, 0x2122),
    (0x2190, 0x2193),
    (0x2212, 0x2212),
    (0x2264, 0x2265),
)
"""Ranges of characters that our fonts have."""

_DEVANAGARI = range(0x0900, 0x0980)
"""The one script of them whose marks come from a font that lacks the letters of all others."""


def plain(text: str) -> str:
    """Return the text with each character that nobody sees as its code point, breaks as well."""
    before, shown = "", list[str]()
    for char in text:
        pictured = char == _PICTURED and unicodedata.category(before or " ") == "So"
        shown.append(char if pictured or _is_seen(char) else _code(char))
        before = char
    return "".join(shown)


def drawn(text: str) -> str:
    """Return the text as the PDF shows it: a letter that its fonts lack as its code point."""
    return "".join(char if is_drawn else _code(char) for char, is_drawn in _judged(text))


def undrawn(text: str) -> set[str]:
    """Return the letters that the PDF's fonts lack, and the marks that stand on no letter."""
    return {char for char, is_drawn in _judged(text) if not is_drawn}


def numbers(text: str) -> str:
    """Return the code points of a text."""
    return "".join(_code(char) for char in text)


def _judged(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each character, and whether it is drawn where it stands."""
    carries = False  # what is before it, a letter with its marks, takes a mark of Devanagari
    for char in text:
        is_drawn = _is_drawn(char)
        if ord(char) in _DEVANAGARI:
            kind = unicodedata.category(char)[0]
            is_drawn = is_drawn and (kind != "M" or carries)
            carries = is_drawn and (kind == "L" or carries)
        else:
            carries = False
        yield char, is_drawn


def _is_seen(char: str) -> bool:
    kind = unicodedata.category(char)
    if kind[0] == "C" or kind in ("Zl", "Zp"):
        return False
    return not any(low <= ord(char) <= high for low, high in _UNSEEN)


def _is_drawn(char: str) -> bool:
    return char == "\n" or any(low <= ord(char) <= high for low, high in _DRAWN)


def _code(char: str) -> str:
    return f"[U+{ord(char):04X}]"


def _cut(text: str, longest: int) -> str:
    """Return a text that is not longer, also with what says so: cutting twice is cutting once."""
    kept = longest - 20
    return text if len(text) <= longest else f"{text[:kept]} [… +{len(text) - kept}]"


def line(text: str) -> str:
    """Return the text as one line that nothing can break out of; doing it twice changes nothing."""
    return _cut(plain(unicodedata.normalize("NFC", text).strip()), LINE)


def prose(text: str) -> str:
    """Return the text as paragraphs: line breaks stay, more than one is a new paragraph."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\t", " ").strip()
    lines = (plain(part.strip()) for part in text.split("\n"))
    return _cut(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)), PROSE)


Line = Annotated[str, AfterValidator(line)]
"""One line from outside."""

Prose = Annotated[str, AfterValidator(prose)]
"""Paragraphs a person wrote."""
