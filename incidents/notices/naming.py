"""Names that a notice would carry to a customer that must not read them: found before it is made.

What people write once is read by every customer of the incident: a narrative that names one of them
tells all others. Looked for is what is in the facts, in the customer's language; the rest of a
notice is the same for everybody. What the register has of the customer itself, and what config.toml
has of us, is not looked through: that is whom the notice is for, and whom it is from.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel

from incidents.disclosure import Reader
from incidents.documents import Known, NoticeFacts, Words
from incidents.documents.missing import ASKS, WRITTEN, missing
from incidents.notices.lacking import NAMED

_OURS = frozenset({"customer", "processor", "reply_to", "acknowledgement_code", "checkpoint"})
_STATED = frozenset(
    {"systems", "affected", "subject_categories", "possible_subjects", "subjects", "records"}
)
"""Facts that a person states where no log tells them."""


class Naming(NamedTuple):
    """One word in one customer's notice.

    Attributes:
        customer: Its id.
        fact: The fact, and the place in it.
        word: The word, and whose it is.
        whose: Who can give the fact.
        how: The command or file that gives it.
    """

    customer: str
    fact: str
    word: str
    whose: str
    how: str


def naming(facts: NoticeFacts, reader: Reader) -> Iterator[Naming]:
    """Yield what the facts of a notice say that its customer must not read, each word once a fact.

    Args:
        facts: Of one customer.
        reader: That customer's.
    """
    language, seen = facts.customer.language, set[tuple[str, str]]()
    for name in type(facts).model_fields:
        if name in _OURS:
            continue
        for found in reader.all_in({name: _plain(getattr(facts, name), language)}):
            if (found.where, found.of) not in seen:
                seen.add((found.where, found.of))
                yield Naming(facts.customer.id, found.where, found.of, *_asked(facts, name))


def lines(found: Iterable[Naming]) -> list[str]:
    """Return what must not be said, a line each, with whom it would reach and how to mend it."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for one in found:
        alike.setdefault(one[1:], []).append(one.customer)
    said = []
    for (fact, word, whose, how), ids in alike.items():
        reached = ", ".join(ids) if len(ids) <= NAMED else f"{len(ids)} customers"
        said.append(
            f"{fact}: has {word}, which {reached} must not read; "
            f"to be said without it by {whose}: {how}"
        )
    return said


def _asked(facts: NoticeFacts, fact: str) -> tuple[str, str]:
    """Return who can give a fact anew, and how."""
    number = facts.incident
    if facts.coverage is None and fact in _STATED:
        return "who knows what was reported", f"`tocsin incident declare {number} FILE.toml`"
    name = WRITTEN.get(fact, fact)
    if name in ASKS:
        asked = missing(name, incident=number, customer=facts.customer.id)
        return asked.whose, asked.how.removesuffix(", in en")
    how = f"{fact} in a file, `tocsin incident assess {number} --facts FILE.toml`"
    return "the incident lead", how


def _plain(part: Any, language: str) -> Any:
    """Return a part of the facts as JSON has it, texts in one language."""
    if isinstance(part, Words):
        return {language: part.fr if language == "fr" else part.en}
    if isinstance(part, Known):
        return _plain(part.value, language)
    if isinstance(part, BaseModel):
        return {name: _plain(getattr(part, name), language) for name in type(part).model_fields}
    if isinstance(part, tuple):
        return [_plain(one, language) for one in part]
    return part if isinstance(part, str) else None
