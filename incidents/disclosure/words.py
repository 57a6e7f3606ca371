"""Words that belong to somebody, and how each is looked for.

A word of several parts tells itself. A name that is one plain word may be a word of the language:
``Orange``, ``Clé``, ``Free``. It counts with its capital, and in any case in what is no prose, such
as ``orange-exports``. A colleague's id that is a plain word counts only where an id can stand.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from incidents.disclosure.folding import TOKEN, Compared, fold
from incidents.disclosure.places import is_plain, stands_anywhere
from incidents.disclosure.texts import Said

CUSTOMER, COLLEAGUE = "customer", "colleague"
OURS = "*"
"""Owner of what every reader may read: the operator's own names, what a person allowed."""

_FORMS = frozenset(
    (
        *("ab", "ag", "aps", "as", "bv", "co", "corp", "eirl", "eurl", "gmbh", "inc", "kg"),
        *("limited", "llc", "llp", "ltd", "nv", "oy", "plc", "sa", "sarl", "sas", "sasu", "sca"),
        *("scop", "se", "snc", "spa", "srl"),
    )
)
"""Legal forms of companies, as they end names."""

_SHORT = 3
_LEAST_JOINED = 6
_NUMBER = re.compile(r"\+?[\d ().\-/]+")
_LEAST_DIGITS = 8
_JOINS, _HYPHENS = frozenset("/_@=\\:"), frozenset("-.")
_BESIDE = re.compile(r"[^\w\s]+")


class Word(NamedTuple):
    """A word that belongs to somebody.

    Attributes:
        kind: Whose: ``CUSTOMER`` or ``COLLEAGUE``.
        owner: The customer's or colleague's id; ``OURS``.
        what: ``name``, ``id``, ``address``, ``number``, ``domain`` of addresses; ``placed``, an id
            that counts only where one can stand; ``other``, which is read over and never found;
            ``allowed``, the same however it is written; ``label``, the same where it is all that a
            value says.
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


class Stand(NamedTuple):
    """Where a word was found.

    Attributes:
        compared: The text.
        said: What it is of.
        start: In the folded text.
        end: In the folded text.
    """

    compared: Compared
    said: Said
    start: int
    end: int


def ways(word: Word, text: str) -> Iterator[tuple[str, str]]:
    """Yield how a word is looked for, each way with the folded text that it is looked for by.

    ``loose`` token by token, ``exact`` as it stands, ``bare`` where it has no letter or digit,
    ``number`` by its digits, ``domain`` behind an ``@``, ``place`` only where an id can stand,
    ``label`` as a whole value. A name is looked for without its legal form too, where more than one
    word is left, and with its words joined.
    """
    tokens = TOKEN.findall(text)
    if word.what in ("number", "label", "domain"):
        yield word.what, text
    elif word.what == "placed" or (
        word.what == "id"
        and (not stands_anywhere(text) or (word.kind == COLLEAGUE and is_plain(text)))
    ):
        yield "place", text
    elif not tokens:
        yield "bare", text
    elif word.what == "allowed":
        yield "loose", text
        if _NUMBER.fullmatch(text) and len("".join(tokens)) >= _LEAST_DIGITS:
            yield "number", text
    elif word.what == "name" and (len(tokens) > 1 or len(tokens[0]) >= _SHORT):
        yield "loose", text
        yield from (("loose", one) for one in _shorter(text))
    else:
        yield "exact", text


def _shorter(name: str) -> Iterator[str]:
    """Yield other ways to write a name of several words."""
    bare = TOKEN.findall(fold(without_form(name)))
    tokens = TOKEN.findall(name)
    if 1 < len(bare) < len(tokens):
        yield " ".join(bare)
    for joined in dict.fromkeys(("".join(bare), "".join(tokens))):
        is_one = len(bare) > 1 and TOKEN.findall(joined) == [joined]
        if is_one and len(joined) >= _LEAST_JOINED:
            yield joined


def without_form(name: str) -> str:
    """Return a company's name without its legal form: Voxline of Voxline SAS."""
    said = name.strip()
    while len(tokens := TOKEN.findall(fold(said))) > 1 and tokens[-1] in _FORMS:
        said = said.rpartition(" ")[0].rstrip(" ,&") if " " in said else said
        if TOKEN.findall(fold(said)) == tokens:
            break
    return said


def counts(word: Word, here: Stand) -> bool:
    """Return whether a word that was found is that word, and no other that is spelt like it."""
    if word.owner == OURS:
        return True
    if word.what == "id":  # the name of a field is no id that looks like one
        return not (here.said.is_key and is_plain(fold(word.text)))
    if word.what != "name":
        return True
    tokens = TOKEN.findall(fold(word.text))
    if len(tokens) > 1:
        return any(len(one) >= _SHORT for one in tokens) or _beside(word, here)
    return not word.text.strip().isalpha() or _with_its_capital(word.text.strip(), here)


def _beside(word: Word, here: Stand) -> bool:
    """Return whether what stands between short tokens is the name's: ``24/7`` is no ``24, 7``."""
    found = here.compared.text[here.start : here.end]
    return _BESIDE.findall(found) == _BESIDE.findall(fold(word.text).strip().strip(".,"))


def _with_its_capital(name: str, here: Stand) -> bool:
    if not name[0].isupper():
        return True
    start, end = here.compared.written(here.start, here.end)
    said = here.compared.said
    written = said[start:end]
    short = name.isupper() and len(name) <= _SHORT
    if written.isupper() or (not short and not written[:1].islower()):
        return True
    if (
        not here.said.is_key
        and here.compared.text.strip() == here.compared.text[here.start : here.end]
    ):
        return True  # all that a value says
    return _is_joined(said, start, end, is_key=here.said.is_key)


def _is_joined(text: str, start: int, end: int, *, is_key: bool) -> bool:
    """Return whether a word is part of something that is no prose: a path, a host, a store."""
    joins = _JOINS - {"_"} if is_key else _JOINS
    before, after = text[max(start - 2, 0) : start], text[end : end + 2]
    return (
        before[-1:] in joins
        or (after[:1] in joins and after[1:].isalnum())
        or (before[-1:] in _HYPHENS and before[:-1].isalnum())
        or (after[:1] in _HYPHENS and after[1:].isalnum())
    )
