"""Decoded records on their way to columns: values numbered once, rows gathered batch by batch."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.model.columns import ABSENT, ID, Columns, Int32s, Int64s, Interner
from tocsin.model.events import NUMBERS, WORDS
from tocsin.model.rows import EVENT, GROUPS, Codes, Fields

MOST_VALUES = 200_000
"""How many distinct values of a group are remembered before a collector starts over."""


class Group(dict[Any, int]):
    """The distinct values of one group of a batch's fields, numbered as they are first seen.

    A mapping from what tells values apart (the key) to the value's number: looking a new key up
    makes the value.

    Attributes:
        fields: The values by number, as :class:`tocsin.model.rows.Rows` wants them.
    """

    def __init__(self, words: Sequence[str], make: Callable[[Any], Fields]) -> None:
        """Begin with no values.

        Args:
            words: The fields of an event that this group decides.
            make: Makes a value from its key.
        """
        super().__init__()
        self._make = make
        self.fields: list[Fields] = []
        self._columns = [(word, Interner(), list[str](), array("i")) for word in words]

    def __missing__(self, key: Any) -> int:
        value = self._make(key)
        number = self[key] = len(self.fields)
        self.fields.append(value)
        event = value[EVENT]
        for word, known, texts, numbers in self._columns:
            text = event.get(word, "")
            of_text = known[text]
            numbers.append(of_text)
            if of_text == len(texts):
                texts.append(text)
        return number

    def codes(self, keys: Any, size: int) -> Codes:
        """Return the numbers of the values that these keys stand for."""
        return np.fromiter(map(self.__getitem__, keys), np.int32, size)

    def columns(self, codes: Codes) -> tuple[dict[str, list[str]], dict[str, Int32s]]:
        """Return the words of the rows with these values, and each row's word, by field."""
        seen = np.zeros(len(self.fields), np.bool_)
        seen[codes] = True
        used = np.flatnonzero(seen)
        place = np.zeros(len(seen), np.int32)
        words, rows = dict[str, list[str]](), dict[str, Int32s]()
        for word, _, texts, numbers in self._columns:
            distinct, inverse = np.unique(np.array(numbers, np.int32)[used], return_inverse=True)
            words[word] = [texts[number] for number in distinct.tolist()]
            place[used] = inverse
            rows[word] = place[codes]
        return words, rows


@dataclass(slots=True)
class Chunk:
    """Some thousand rows of one source, as arrays; see :class:`tocsin.model.columns.Columns`.

    Attributes:
        codes: Per group, the number of each row's value.
        words: Of the fields that lie with the row, the word of each row; left out where all are "".
    """

    at: Int64s
    id: npt.NDArray[Any]
    id_text: Mapping[int, str]
    codes: Mapping[str, Codes]
    words: Mapping[str, Sequence[str]]
    number: Mapping[str, Int64s]
    raw_code: Int32s
    raw_place: Int32s

    def __len__(self) -> int:
        return len(self.at)


class Pile:
    """Gathers the chunks of one source until they become columns.

    Attributes:
        groups: The values that chunks' codes refer to.
        size: Rows so far.
    """

    def __init__(self, groups: Mapping[str, Group]) -> None:
        """Begin with nothing."""
        self.groups = groups
        self._begin()

    def _begin(self) -> None:
        self.size = 0
        self._chunks: list[Chunk] = []
        self._known: dict[str, Interner] = {}
        self._coded: list[dict[str, Int32s]] = []

    def put(self, chunk: Chunk) -> None:
        """Add a chunk behind the others."""
        # Words are numbered while a processor has them at hand, and need not be kept.
        self._coded.append(
            {
                name: np.fromiter(map(self._number_of(name), words), np.int32, len(chunk))
                for name, words in chunk.words.items()
            }
        )
        self._chunks.append(replace(chunk, words={}))
        self.size += len(chunk)

    def _number_of(self, name: str) -> Callable[[str], int]:
        return self._known.setdefault(name, Interner()).__getitem__

    def columns(self, raw_object: Sequence[str]) -> Columns:
        """Return everything gathered as columns, and begin anew.

        Args:
            raw_object: The objects that ``raw_code`` refers to.
        """
        chunks = self._chunks
        word, code = dict[str, list[str]](), dict[str, Int32s]()
        for name in GROUPS:
            codes = _joined([chunk.codes[name] for chunk in chunks], np.int32)
            words, rows = self.groups[name].columns(codes)
            word.update(words)
            code.update(rows)
        for name in WORDS:
            if name not in word:
                word[name], code[name] = self._words_of(name)
        id_text, start = dict[int, str](), 0
        for chunk in chunks:
            id_text.update({start + row: text for row, text in chunk.id_text.items()})
            start += len(chunk)
        columns = Columns(
            at=_joined([chunk.at for chunk in chunks], np.int64),
            id=_joined([chunk.id for chunk in chunks], ID),
            word=word,
            code=code,
            number={
                name: _joined([_numbers_of(name, chunk) for chunk in chunks], np.int64)
                for name in NUMBERS
            },
            id_text=id_text,
            raw_object=list(raw_object),
            raw_code=_joined([chunk.raw_code for chunk in chunks], np.int32),
            raw_place=_joined([chunk.raw_place for chunk in chunks], np.int32),
        )
        self._begin()
        return columns

    def _words_of(self, name: str) -> tuple[list[str], Int32s]:
        known = self._known.get(name, Interner())
        parts = list(zip(self._chunks, self._coded, strict=True))
        if not all(name in coded for _, coded in parts):
            nothing = np.int32(known[""])
            rows = [coded.get(name, np.full(len(c), nothing, np.int32)) for c, coded in parts]
        else:
            rows = [coded[name] for _, coded in parts]
        return list(known), _joined(rows, np.int32)


def _numbers_of(name: str, chunk: Chunk) -> Int64s:
    found = chunk.number.get(name)
    return np.full(len(chunk), ABSENT, np.int64) if found is None else found


def _joined(arrays: Sequence[npt.NDArray[Any]], dtype: Any) -> npt.NDArray[Any]:
    if not arrays:
        return np.zeros(0, dtype)
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, dtype=arrays[0].dtype)
