"""Texts so that they can be compared: case, accents, widths and invisible characters fall away.

Source: Unicode Standard Annex 15 (NFKD, NFKC); Unicode Standard, section 5.18 (case folding).
"""

import re
import sys
import unicodedata
from bisect import bisect_right
from functools import cached_property

TOKEN = re.compile(
    "[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff]"
    "|[^\\W_\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff]+"
)
"""One word; one character where words are written without spaces."""

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]"
)
"""Soft hyphens, joiners, fillers, marks of direction, controls: nobody sees them."""

_CODE = re.compile(r"\[U\+([0-9A-Fa-f]{4,6})\]")
"""How documents show a character that nobody sees, or for which there is no letter."""

_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u02bc\u2032\u00b4`", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        # Letters of other alphabets that are read as these; both sides are folded alike.
        **dict(
            zip(
                "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d"
                "\u03bf\u03b1\u03bd\u03c1\u03b9\u0131\u0261",
                "aeopcyxijshdqwoavpiig",
                strict=True,
            )
        ),
    }
)
_SPACES, _WORD = re.compile(r"\s+"), re.compile(r"\S+")


def fold(text: str) -> str:
    """Return a text as it is compared; line ends and runs of spaces are one space."""
    if "[U+" in text:
        text = _CODE.sub(_character, text)
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)).casefold()
        bare = "".join(one for one in apart if unicodedata.category(one) != "Mn")
        text = unicodedata.normalize("NFKC", bare).translate(_ALIKE)
    elif not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return _SPACES.sub(" ", text.lower())


def _character(code: re.Match[str]) -> str:
    number = int(code[1], 16)
    return chr(number) if number <= sys.maxunicode else code[0]


class Compared:
    """A text as it is compared, and where each part of that stands in the text itself.

    Attributes:
        said: The text.
        text: It, folded.
    """

    def __init__(self, said: str) -> None:
        self.said, self.text = said, fold(said)

    def written(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of the folded text stands in the text as it was written."""
        return self._at(start), self._at(end - 1) + 1 if end > start else self._at(start)

    def _at(self, wanted: int) -> int:
        runs = self._runs
        at = max(bisect_right(runs, wanted, key=lambda one: one[0]) - 1, 0)
        begins, original, run = runs[at]
        inside = wanted - begins
        if "[U+" in run:  # the word as a whole
            inside = 0 if inside == 0 else len(run) - 1
        elif len(fold(run)) != len(run):  # a letter became several, or fell away
            inside = bisect_right(range(len(run)), inside, key=lambda n: len(fold(run[: n + 1])))
        return original + min(inside, len(run))

    @cached_property
    def _runs(self) -> list[tuple[int, int, str]]:
        """Return each word: where it stands in the folded text, in the text, and itself."""
        found, length, last = [(0, 0, "")], 0, ""
        for run in _WORD.finditer(self.said):
            if run.start() > 0 and last != " ":
                length, last = length + 1, " "
            folded = fold(run[0])
            at = length - (last == folded[:1] == " ")  # some marks are folded to a space
            found.append((at, run.start(), run[0]))
            length, last = at + len(folded), folded[-1:] or last
        return found
