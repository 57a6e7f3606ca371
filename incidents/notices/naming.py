"""Names that a notice would carry to a customer that must not read them: found before it is made.

What people write once is read by every customer of the incident: a narrative that names one of them
tells all others. Looked through is what a person or a log wrote and the reader gets to read: texts
of the types ``Line`` and ``Prose``, in the customer's language. Our own code words and the names of
facts are nobody's: a customer called ``Records`` or a colleague called ``access`` is not in them.
What the register has of the customer itself, and what config.toml has of us, is not looked through
either: that is whom the notice is for, and whom it is from.
"""

import shlex
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple, get_args

from pydantic import AfterValidator, BaseModel

from incidents.disclosure import Reader
from incidents.documents import Facts, Known, Missing, NotYet, WithdrawalFacts, Words
from incidents.documents.breach import System
from incidents.documents.fact import Language
from incidents.documents.missing import ASKS, WRITTEN, missing
from incidents.documents.safe import line, prose
from incidents.notices.lacking import NAMED

OURS = frozenset({"customer", "processor", "reply_to", "acknowledgement_code", "checkpoint"})
_SOFTWARES = ((Known, "source"), (NotYet, "source"), (System, "location"))
"""Texts that our software or config.toml gives: the number of a run, where all our data lies."""

_STATED = frozenset(
    {"systems", "affected", "subject_categories", "possible_subjects", "subjects", "records"}
)
"""Facts that a person states where no log tells them."""


_GIVEN_WITH = {"negative_findings": "systems"}
"""Facts whose texts are given where those of another are."""


class Naming(NamedTuple):
    """One word in one customer's notice.

    Attributes:
        customer: Its id.
        fact: The fact, and the place in it.
        word: The word, and whose it is.
        said: It with what stands around it.
        text: It, as it is written there.
        whose: Who can give the fact.
        how: The command or file that gives it.
    """

    customer: str
    fact: str
    word: str
    said: str
    text: str
    whose: str
    how: str


def naming(facts: Facts, reader: Reader) -> Iterator[Naming]:
    """Yield what the facts of a notice say that its customer must not read, each word once a fact.

    Args:
        facts: Of one customer.
        reader: That customer's.
    """
    language, seen = facts.customer.language, set[tuple[str, str]]()
    for name in type(facts).model_fields:
        if name in OURS:
            continue
        for where, field, text in _written(getattr(facts, name), language, name):
            for found in reader.all_in(text, where, field):
                if (found.where, found.of) not in seen:
                    seen.add((found.where, found.of))
                    asked = _asked(facts, name)
                    said = (found.of, found.said, found.text)
                    yield Naming(facts.customer.id, found.where, *said, *asked)


def written(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Yield all that people and logs wrote in a notice, in every language: place, field, text."""
    for language in get_args(Language):
        for name in type(facts).model_fields:
            if name not in OURS:
                yield from _written(getattr(facts, name), language, name)


def lines(found: Iterable[Naming]) -> list[str]:
    """Return what must not be said, a line each, with whom it would reach and how to mend it."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for one in found:
        alike.setdefault(one[1:], []).append(one.customer)
    said = []
    for (fact, word, around, _, whose, how), ids in alike.items():
        reached = ", ".join(ids) if len(ids) <= NAMED else f"{len(ids)} customers"
        said.append(
            f"{fact}: has {word}, which {reached} must not read, in “{around}”; "
            f"to be said without it by {whose}: {how}"
        )
    return said


def allowing(found: Iterable[Naming], incident: int) -> str:
    """Return the command that allows these words for the incident, though they are somebody's."""
    words = dict.fromkeys(one.text for one in found)
    allow = " ".join(f"--allow {shlex.quote(word)}" for word in words)
    return f"tocsin notice preview {incident} {allow} --why 'TEXT'"


def _asked(facts: Facts, fact: str) -> tuple[str, str]:
    """Return who can give a fact anew, and how."""
    number = facts.incident
    if not isinstance(facts, WithdrawalFacts) and facts.coverage is None and fact in _STATED:
        return "who knows what was reported", f"`tocsin incident declare {number} FILE.toml`"
    name = WRITTEN.get(fact) or _GIVEN_WITH.get(fact, fact)
    if name in ASKS:
        asked = missing(name, incident=number, customer=facts.customer.id)
        return asked.whose, asked.how.removesuffix(", in en")
    how = f"{fact} in a file, `tocsin incident assess {number} --facts FILE.toml`"
    return "the incident lead", how


def _written(part: Any, language: str, where: str) -> Iterator[tuple[str, str, str]]:
    """Yield the texts in a part of the facts that somebody wrote: place, field and text."""
    if isinstance(part, Words):
        yield f"{where}.{language}", language, part.fr if language == "fr" else part.en
    elif isinstance(part, tuple):
        for one in part:
            yield from _written(one, language, where)
    elif isinstance(part, BaseModel) and not isinstance(part, Missing):
        texts = _texts(type(part))
        for name in type(part).model_fields:
            inner, place = getattr(part, name), where if name == "value" else f"{where}.{name}"
            if any(isinstance(part, kind) and name == field for kind, field in _SOFTWARES):
                continue
            if name in texts:
                for text in inner if isinstance(inner, tuple) else (inner,):
                    yield place, name, text
            elif not isinstance(inner, str):
                yield from _written(inner, language, place)


@cache
def _texts(model: type[BaseModel]) -> frozenset[str]:
    """Return the fields of a model that are a text from outside, or several."""
    return frozenset(
        name
        for name, field in model.model_fields.items()
        if any(
            isinstance(one, AfterValidator) and one.func in (line, prose)
            for part in (field, *get_args(field.annotation))
            for one in getattr(part, "metadata", getattr(part, "__metadata__", ()))
        )
    )
