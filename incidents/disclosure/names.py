"""Everybody's words, looked for at once, and what one reader must not read.

The words of all customers and colleagues are put together once, by their first token: a text is
looked through in one pass, however many there are. A word counts where it is a word of its own and
does not stand within a longer one of the reader's: ``Acme`` is none of ``Acme France``.

A name is compared token by token, so that quotes, hyphens and line ends between them hide nothing;
an id or an address as it stands; a number to call by its digits; a short id only in ``places``.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from incidents.disclosure.folding import TOKEN, Compared, fold
from incidents.disclosure.numbers import forms, numbers
from incidents.disclosure.places import CUSTOMER_FIELD, PERSON_FIELD, candidates
from incidents.disclosure.texts import Said, of_value, texts
from incidents.disclosure.words import CUSTOMER, OURS, Stand, Word, counts, ways

_HOST, _LOCAL = re.compile(r"@([\w-]+(?:\.[\w-]+)+)"), re.compile(r"[\w.+'%-]*$")
_LONGEST_LOCAL = 64
_REMEMBERED = 10_000
"""Texts up to this length are remembered: notices to many customers say the same."""

_AROUND = 24
"""So many letters on each side of a word show where it stands."""


class Mention(NamedTuple):
    """A word where its reader must not read it.

    Attributes:
        where: The file, and the place in it.
        word: The word, and whose it is.
        text: As it is written there, on one line.
        said: The same with what stands around it.
    """

    where: str
    word: Word
    text: str
    said: str

    @property
    def of(self) -> str:
        """Say which word it is, and whose."""
        shown = self.word.shown
        return shown if shown.startswith('"') else f'"{self.text}", {shown}'


class _Span(NamedTuple):
    """A word in a text."""

    start: int
    end: int
    words: tuple[Word, ...]


class Names:
    """The words of everybody, ready to be looked for."""

    def __init__(
        self, words: Iterable[Word], fields: Collection[str] = (), fixed: Iterable[str] = ()
    ) -> None:
        """Put them together.

        Args:
            words: Everybody's.
            fields: Of records, that hold ids beside those whose name says so.
            fixed: Texts that stand in letters to everybody.
        """
        self._words, self._given, self._texts = tuple(words), fields, tuple(fixed)
        self._fields = frozenset(map(fold, fields))
        together = dict[tuple[str, str], list[Word]]()
        for word in self._words:
            if folded := fold(word.text).strip():
                for way in ways(word, folded):
                    together.setdefault(way, []).append(word)
        self._placed = {
            text: tuple(
                word
                for way in ("place", "exact", "loose")
                for word in together.get((way, text), ())
            )
            for how, text in together
            if how == "place"
        }
        self._labels = frozenset(text for how, text in together if how == "label")
        numbered = dict[str, list[Word]]()
        for (how, text), of in together.items():
            for form in forms(text) if how == "number" else ():
                numbered.setdefault(form, []).extend(of)
        self._numbers = {form: tuple(of) for form, of in numbered.items()}
        self._domains = {text: tuple(of) for (how, text), of in together.items() if how == "domain"}
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

    def allowing(self, text: str) -> "Names":
        """Return the same, with a text that any reader may read."""
        word = Word(CUSTOMER, OURS, "allowed", text, "")
        return Names((*self._words, word), self._given, self._texts)

    @cached_property
    def fixed(self) -> frozenset[Word]:
        """The words that stand in letters to everybody, however they are spelt there."""
        found = (span for text in self._texts for span in self._anywhere(fold(text)))
        return frozenset(word for span in found for word in span.words)

    def holds(self, text: str) -> bool:
        """Return whether somebody's word is in a text, wherever that were to stand."""
        folded = fold(text).strip()
        _, spans = self._look("customer", text, is_key=False)
        told = (word for one in spans for word in one.words)
        return folded in self._placed or any(word.owner != OURS for word in told)

    def left(self, text: str) -> bool:
        """Return whether a reader of nobody's would still be kept from some word of a text."""
        said = Said("", "customer", text)
        return next(self.reader(OURS).found(said, ""), None) is not None

    def spans(self, said: Said) -> tuple[Compared, tuple[_Span, ...]]:
        """Return a text as it is compared, and every word in it."""
        look = self._spans if len(said.text) <= _REMEMBERED else self._look
        return look(said.field, said.text, is_key=said.is_key)

    def _look(self, field: str, said: str, *, is_key: bool) -> tuple[Compared, tuple[_Span, ...]]:
        compared, of = Compared(said), Said("", field, said, is_key)
        text = compared.text
        if text.strip() in self._labels and not _is_somebodys(field):
            return compared, ()
        found = list(self._anywhere(text))
        for start, end, digits in numbers(text) if self._numbers else ():
            if digits in self._numbers:
                found.append(_Span(start, end, self._numbers[digits]))
        if self._domains and "@" in text:
            known = {(one.start, one.end) for one in found}  # the whole address is somebody's
            found += [one for one in self._at_domains(text) if (one.start, one.end) not in known]
        if self._placed:
            found += [
                _Span(start, end, self._placed[one])
                for start, end, one in candidates(fold(field), text, self._fields)
                if one in self._placed
            ]
        told = list[_Span]()
        for one in found:
            here = Stand(compared, of, one.start, one.end)
            if words := tuple(word for word in one.words if counts(word, here)):
                told.append(one._replace(words=words))
        return compared, tuple(told)

    def _at_domains(self, text: str) -> Iterator[_Span]:
        for host in _HOST.finditer(text):
            before = text[max(host.start() - _LONGEST_LOCAL, 0) : host.start()]
            local = _LOCAL.search(before)
            start = host.start() - (len(before) - local.start() if local else 0)
            labels = host[1].split(".")
            for first in range(len(labels)):
                if words := self._domains.get(".".join(labels[first:])):
                    yield _Span(start, host.end(), words)
                    break

    def _anywhere(self, text: str) -> Iterator[_Span]:
        for bare, words in self._bare:
            at = text.find(bare)
            if at >= 0:
                yield _Span(at, at + len(bare), words)
        if self._first.keys().isdisjoint(TOKEN.findall(text)):
            return
        tokens = [(one[0], one.start(), one.end()) for one in TOKEN.finditer(text)]
        for at, (first, begins, _) in enumerate(tokens):
            for wanted, exact, words in self._first.get(first, ()):
                here = tokens[at : at + len(wanted)]
                if tuple(one[0] for one in here) != wanted:
                    continue
                start, end = begins, here[-1][2]
                if exact:
                    start = begins - exact.index(wanted[0])  # it may begin before
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
            yield from self.found(said, f"{path}, {said.where}" if said.where else path)

    def all_in_letter(
        self, path: str, content: bytes, written: Iterable[tuple[str, str, str]]
    ) -> Iterator[Mention]:
        """Yield every word in a letter of ours that its reader must not read.

        What stands in the same words in everybody's letter tells of nobody, unless it stands in
        what was written for this one too.

        Args:
            path: Of the file.
            content: Its bytes.
            written: What people and logs wrote in letters to this reader: place, field and text.
        """
        told = {
            one.word for where, field, text in written for one in self.all_in(text, where, field)
        }
        for one in self.all_in_file(path, content):
            if one.word in told or one.word not in self._names.fixed:
                yield one

    def in_value(self, value: Any, where: str = "") -> Mention | None:
        """Return the first word in a JSON value that this customer must not read."""
        return next(self.all_in(value, where), None)

    def all_in(self, value: Any, where: str = "", field: str = "") -> Iterator[Mention]:
        """Yield every word in a JSON value that this customer must not read."""
        for said in of_value(value, where, field):
            yield from self.found(said, said.where)

    def found(self, said: Said, where: str) -> Iterator[Mention]:
        """Yield every word in one text that this customer must not read."""
        compared, spans = self._names.spans(said)
        if not spans:
            return
        own = [one for one in spans if any(map(self._may, one.words))]
        for one in spans:
            if any(map(self._may, one.words)):
                continue
            within = any(o.start <= one.start and one.end <= o.end for o in own)
            telling = next((word for word in one.words if word.what != "other"), None)
            if telling is not None and not within:
                yield Mention(where, telling, *_shown(compared, one))

    def _may(self, word: Word) -> bool:
        return word.owner == OURS or (word.kind == CUSTOMER and word.owner == self.customer)


def _is_somebodys(field: str) -> bool:
    name = re.sub(r"[^a-z]", "", fold(field))
    return any(one.fullmatch(name) for one in (CUSTOMER_FIELD, PERSON_FIELD))


def _shown(compared: Compared, span: _Span) -> tuple[str, str]:
    """Return a word as it is written, and with what stands around it, on one line each."""
    start, end = compared.written(span.start, span.end)
    text = compared.said
    before, after = text[max(start - _AROUND, 0) : start], text[end : end + _AROUND]
    begins = "…" if start > _AROUND else ""
    ends = "…" if end + _AROUND < len(text) else ""
    around = f"{begins}{before}{text[start:end]}{after}{ends}"
    return _on_a_line(text[start:end]), _on_a_line(around)


def _on_a_line(text: str) -> str:
    seen = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(seen.split())


def _alone(text: str, start: int, end: int) -> bool:
    """Return whether nothing at either end makes another word of it."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() and text[start].isalnum()) and not (
        after.isalnum() and text[end - 1].isalnum()
    )
