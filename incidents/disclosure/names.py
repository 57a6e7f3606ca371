"""Everybody's words, looked for at once, and what one reader must not read.

The words of all customers and colleagues are put together once, by their first token: a text is
looked through in one pass, however many there are. A word counts where it is a word of its own and
does not stand within a longer one of the reader's: ``Acme`` is none of ``Acme France``.

A name is compared token by token, so that quotes, hyphens and line ends between them hide nothing;
an id or an address as it stands; a number to call by its digits; a short id only in ``places``.
"""

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from incidents.disclosure.folding import TOKEN, fold
from incidents.disclosure.numbers import forms, numbers
from incidents.disclosure.places import candidates, stands_anywhere
from incidents.disclosure.texts import Said, of_value, texts

CUSTOMER, COLLEAGUE = "customer", "colleague"
OURS = "*"
"""Owner of what every reader may read: the operator's own names."""

_SHORT = 3
_REMEMBERED = 10_000
"""Texts up to this length are remembered: notices to many customers say the same."""


class Word(NamedTuple):
    """A word that belongs to somebody.

    Attributes:
        kind: Whose: ``CUSTOMER`` or ``COLLEAGUE``.
        owner: The customer's or colleague's id; ``OURS``.
        what: ``name``, ``id``, ``address``, ``number``; ``placed`` is an id that counts only where
            one can stand; ``other`` is read over, never found.
        text: It.
        shown: As it may be said in a refusal.
        instead: What stands for it in documents; "" for nothing.
    """

    kind: str
    owner: str
    what: str
    text: str
    shown: str
    instead: str = ""


class Mention(NamedTuple):
    """A word where its reader must not read it.

    Attributes:
        where: The file, and the place in it.
        word: The word, and whose it is.
    """

    where: str
    word: Word

    @property
    def of(self) -> str:
        """Say which word it is, and whose."""
        return self.word.shown


class _Span(NamedTuple):
    """A word in a text."""

    start: int
    end: int
    words: tuple[Word, ...]


class Names:
    """The words of everybody, ready to be looked for."""

    def __init__(self, words: Iterable[Word], fields: Collection[str] = ()) -> None:
        """Put them together.

        Args:
            words: Everybody's.
            fields: Of records, that hold ids beside those whose name says so.
        """
        self._fields = frozenset(map(fold, fields))
        together = dict[tuple[str, str], list[Word]]()
        for word in words:
            if text := fold(word.text).strip():
                together.setdefault((_how(word.what, text), text), []).append(word)
        self._placed = {text: tuple(of) for (how, text), of in together.items() if how == "place"}
        self._numbers = {
            form: tuple(of)
            for (how, text), of in together.items()
            if how == "number"
            for form in forms(text)
        }
        self._bare = [(text, tuple(of)) for (how, text), of in together.items() if how == "bare"]
        self._first = dict[str, list[tuple[tuple[str, ...], str, tuple[Word, ...]]]]()
        for (how, text), of in together.items():
            if how in ("loose", "exact"):
                tokens = tuple(TOKEN.findall(text))
                exact = text if how == "exact" else ""
                self._first.setdefault(tokens[0], []).append((tokens, exact, tuple(of)))
        for those in self._first.values():
            those.sort(key=lambda one: -len(one[0]))  # the longest is named first
        self._spans = lru_cache(maxsize=4096)(self._look)

    def reader(self, customer: str) -> "Reader":
        """Return what looks for words that this customer must not read."""
        return Reader(self, customer)

    def spans(self, said: Said) -> tuple[str, tuple[_Span, ...]]:
        """Return a text as it is compared, and every word in it."""
        look = self._spans if len(said.text) <= _REMEMBERED else self._look
        return look(said.field, said.text)

    def _look(self, field: str, said: str) -> tuple[str, tuple[_Span, ...]]:
        text = fold(said)
        found = list(self._anywhere(text))
        for start, end, digits in numbers(text) if self._numbers else ():
            if digits in self._numbers:
                found.append(_Span(start, end, self._numbers[digits]))
        if self._placed:
            here = candidates(fold(field), text, self._fields)
            found += [_Span(-1, -1, self._placed[one]) for one in here if one in self._placed]
        return text, tuple(found)

    def _anywhere(self, text: str) -> Iterator[_Span]:
        for bare, words in self._bare:
            at = text.find(bare)
            if at >= 0:
                yield _Span(at, at + len(bare), words)
        if self._first.keys().isdisjoint(TOKEN.findall(text)):
            return
        tokens = [(one[0], one.start(), one.end()) for one in TOKEN.finditer(text)]
        for at, (first, start, _) in enumerate(tokens):
            for wanted, exact, words in self._first.get(first, ()):
                here = tokens[at : at + len(wanted)]
                if tuple(one[0] for one in here) != wanted:
                    continue
                end = here[-1][2]
                if exact:
                    start = here[0][1] - exact.index(wanted[0])  # noqa: PLW2901 - it may begin before
                    end = start + len(exact)
                    if start < 0 or text[start:end] != exact or not _alone(text, start, end):
                        continue
                yield _Span(start, end, words)


class Reader:
    """Looks for what one customer must not read."""

    def __init__(self, names: Names, customer: str) -> None:
        self._names, self.customer = names, customer

    def in_file(self, path: str, content: bytes) -> Mention | None:
        """Return the first word in a file that this customer must not read."""
        return next(self.all_in_file(path, content), None)

    def all_in_file(self, path: str, content: bytes) -> Iterator[Mention]:
        """Yield every word in a file that this customer must not read."""
        for said in texts(path, content):
            for word in self._found(said):
                yield Mention(f"{path}, {said.where}" if said.where else path, word)

    def in_value(self, value: Any, where: str = "") -> Mention | None:
        """Return the first word in a JSON value that this customer must not read."""
        return next(self.all_in(value, where), None)

    def all_in(self, value: Any, where: str = "", field: str = "") -> Iterator[Mention]:
        """Yield every word in a JSON value that this customer must not read."""
        for said in of_value(value, where, field):
            for word in self._found(said):
                yield Mention(said.where, word)

    def _found(self, said: Said) -> Iterator[Word]:
        _, spans = self._names.spans(said)
        if not spans:
            return
        own = [one for one in spans if any(map(self._may, one.words))]
        for one in spans:
            if any(map(self._may, one.words)):
                continue
            within = one.start >= 0 and any(o.start <= one.start and one.end <= o.end for o in own)
            telling = next((word for word in one.words if word.what != "other"), None)
            if telling is not None and not within:
                yield telling

    def _may(self, word: Word) -> bool:
        return word.owner == OURS or (word.kind == CUSTOMER and word.owner == self.customer)


def _how(what: str, text: str) -> str:
    """Return how a word is looked for."""
    tokens = TOKEN.findall(text)
    if what == "number":
        return "number"
    if what == "placed" or (what == "id" and not stands_anywhere(text)):
        return "place"
    if not tokens:
        return "bare"
    if what == "name" and (len(tokens) > 1 or len(tokens[0]) >= _SHORT):
        return "loose"
    return "exact"


def _alone(text: str, start: int, end: int) -> bool:
    """Return whether nothing at either end makes another word of it."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() and text[start].isalnum()) and not (
        after.isalnum() and text[end - 1].isalnum()
    )
