"""Colleagues' names and ids replaced by what the register has for them: ``operator 3``.

Only in what we make: a record is shown byte for byte as its source wrote it, or not at all.
"""

import re
from collections.abc import Collection
from typing import Any

from incidents.disclosure.folding import TOKEN
from incidents.disclosure.names import Mention, Reader
from incidents.disclosure.texts import field_of
from incidents.disclosure.words import COLLEAGUE, Word

_KEPT = "id"
"""The field by which a thing is found again: it stays as it is, not those of what is within it."""


def pseudonymed(value: Any, reader: Reader, field: str = "") -> Any:
    """Return a JSON value in which pseudonyms stand for colleagues, the same for each everywhere.

    Who is found in it anywhere by an id is replaced in its sentences too, where nothing but the
    rest of the value tells that ``lea`` is somebody: ``lea read the book``.

    Args:
        value: The value.
        reader: Looks for the words.
        field: The field it is the value of.
    """
    ids = {one.word for one in _colleagues(value, reader, field) if one.word.what == "id"}
    told = _pseudonymed(value, reader, field, ids)
    return {**told, _KEPT: value[_KEPT]} if isinstance(value, dict) and _KEPT in value else told


def _pseudonymed(value: Any, reader: Reader, field: str, ids: Collection[Word]) -> Any:
    if isinstance(value, dict):
        return {
            _text(key, reader, field, ids): _pseudonymed(inner, reader, field_of(key, field), ids)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_pseudonymed(one, reader, field, ids) for one in value]
    return _text(value, reader, field, ids) if isinstance(value, str) else value


def _text(text: str, reader: Reader, field: str, ids: Collection[Word]) -> str:
    found = _colleagues(text, reader, field)
    instead = {_spelt(one.word.text, one.word.what): one.word.instead for one in found}
    instead |= {_spelt(one.text, "name"): one.word.instead for one in found}
    if " " in text:
        instead |= {_spelt(word.text, "id"): word.instead for word in ids}
    replaced = text
    for spelt in sorted(instead, key=lambda one: -len(one)):
        said = instead[spelt].replace("\\", r"\\")
        replaced = re.sub(rf"(?<![^\W_]){spelt}(?![^\W_])", said, replaced, flags=re.IGNORECASE)
    # Written in a way that cannot be replaced within the text, by escapes for one.
    again = _colleagues(replaced, reader, field)
    return again[0].word.instead if again else replaced


def _colleagues(value: Any, reader: Reader, field: str) -> list[Mention]:
    return [one for one in reader.all_in(value, "", field) if one.word.kind == COLLEAGUE]


def _spelt(text: str, what: str) -> str:
    if what == "name":
        return r"[\W_]+".join(map(re.escape, TOKEN.findall(text)))
    return re.escape(text)
