"""Colleagues' names and ids replaced by what the register has for them: ``operator 3``.

Only in what we make: a record is shown byte for byte as its source wrote it, or not at all.
"""

import re
from collections.abc import Iterable
from typing import Any

from incidents.disclosure.folding import TOKEN
from incidents.disclosure.names import Reader
from incidents.disclosure.words import COLLEAGUE, Word

_KEPT = frozenset({"id"})
"""Fields by which things are found again: they stay as they are."""


def pseudonymed(value: Any, reader: Reader, field: str = "") -> Any:
    """Return a JSON value in which pseudonyms stand for colleagues, the same for each everywhere.

    Args:
        value: The value.
        reader: Looks for the words.
        field: The field it is the value of.
    """
    if isinstance(value, dict):
        return {
            _text(key, reader, field): inner if key in _KEPT else pseudonymed(inner, reader, key)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [pseudonymed(one, reader, field) for one in value]
    return _text(value, reader, field) if isinstance(value, str) else value


def _text(text: str, reader: Reader, field: str) -> str:
    words = _colleagues(text, reader, field)
    if not words:
        return text
    replaced = text
    for word in sorted(words, key=lambda one: -len(one.text)):
        replaced = _spelt(word).sub(word.instead.replace("\\", r"\\"), replaced)
    # Written in a way that cannot be replaced within the text, by escapes for one.
    return words[0].instead if _colleagues(replaced, reader, field) else replaced


def _colleagues(text: str, reader: Reader, field: str) -> list[Word]:
    found: Iterable[Any] = reader.all_in(text, "", field)
    return [one.word for one in found if one.word.kind == COLLEAGUE]


def _spelt(word: Word) -> re.Pattern[str]:
    if word.what == "name":
        between = r"[\W_]+".join(map(re.escape, TOKEN.findall(word.text)))
    else:
        between = re.escape(word.text)
    return re.compile(rf"(?<![^\W_]){between}(?![^\W_])", re.IGNORECASE)
