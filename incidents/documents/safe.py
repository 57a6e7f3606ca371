r"""Text from outside, made harmless once, where it enters a document's facts.

Names in logs and registers are written by others. A line break would end a header, a bidirectional
override would make a name read backwards, a NUL ends a file, and a glyph our fonts lack stops the
PDF. Each such character is shown as its code point in brackets instead, ``[U+202E]``: nothing
vanishes without a trace. Markup needs no care here: HTML is escaped where it is rendered, and the
PDF takes its texts as data.

Source: Unicode Standard Annex 9 (bidirectional formatting characters); the fonts inside the typst
wheel (Libertinus Serif, DejaVu Sans Mono).
"""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator

LINE = 200
"""Longest text on one line: names, objects, addresses."""

PROSE = 4000
"""Longest text a person writes about one point."""

_WRITTEN = (
    (0x0020, 0x007E),  # Latin
    (0x00A0, 0x00AC),
    (0x00AE, 0x024F),  # but the soft hyphen
    (0x0300, 0x0304),  # combining accents that the normal form leaves over
    (0x0384, 0x038A),  # Greek
    (0x038C, 0x038C),
    (0x038E, 0x03A1),
    (0x03A3, 0x03CE),
    (0x0400, 0x045F),  # Cyrillic
    (0x05D0, 0x05EA),  # Hebrew
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
"""Ranges of characters that read as what they are, and that our fonts have."""


def _plain(text: str) -> str:
    return "".join(
        char if any(low <= ord(char) <= high for low, high in _WRITTEN) else f"[U+{ord(char):04X}]"
        for char in text
    )


def _cut(text: str, longest: int) -> str:
    """Return a text that is not longer, also with what says so: cutting twice is cutting once."""
    kept = longest - 20
    return text if len(text) <= longest else f"{text[:kept]} [… +{len(text) - kept}]"


def line(text: str) -> str:
    """Return the text as one line that nothing can break out of; doing it twice changes nothing."""
    return _cut(_plain(unicodedata.normalize("NFC", text).strip()), LINE)


def prose(text: str) -> str:
    """Return the text as paragraphs: line breaks stay, more than one is a new paragraph."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\t", " ").strip()
    lines = (_plain(part.strip()) for part in text.split("\n"))
    return _cut(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)), PROSE)


Line = Annotated[str, AfterValidator(line)]
"""One line from outside."""

Prose = Annotated[str, AfterValidator(prose)]
"""Paragraphs a person wrote."""
