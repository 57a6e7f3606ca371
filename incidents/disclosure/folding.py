"""Texts so that they can be compared: case, accents, widths and invisible characters fall away.

Source: Unicode Standard Annex 15 (NFKD, NFKC); Unicode Standard, section 5.18 (case folding).
"""

import re
import unicodedata

TOKEN = re.compile(
    "[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff]"
    "|[^\\W_\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff]+"
)
"""One word; one character where words are written without spaces."""

_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
"""Soft hyphens, joiners and marks of direction: nobody sees them."""

_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u02bc\u2032\u00b4`", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    }
)
_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """Return a text as it is compared; line ends and runs of spaces are one space."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)).casefold()
        bare = "".join(one for one in apart if unicodedata.category(one) != "Mn")
        text = unicodedata.normalize("NFKC", bare).translate(_ALIKE)
    return _SPACES.sub(" ", text.lower())
