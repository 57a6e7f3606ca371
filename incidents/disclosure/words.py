"""Words that belong to somebody, and how each is looked for.

A word of several parts tells itself. A name that is one plain word may be a word of the language:
``Orange``, ``Clé``, ``Free``. It counts with its capital, and in any case in what is no prose, such
as ``orange-exports``. A colleague's id that is a plain word counts only where an id can stand.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
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

_BEFORE = frozenset(
    (
        *("earl", "eirl", "eurl", "sa", "sarl", "sas", "sasu", "sca", "scea", "sci", "scm", "scop"),
        *("scp", "selarl", "sem", "snc"),
    )
)
"""Those that begin names too, in France: in capitals, or with points."""

_DOTTED = re.compile(r"(?<!\w)[^\W\d_](?:\. ?[^\W\d_])+(?:\.|(?!\w))")
_SHORT = 3
_LEAST_JOINED = 6
_NUMBER = re.compile(r"\+?[\d ().\-/]+")
_LEAST_DIGITS = 8
_LONGEST_GAP, _STOPS = 8, frozenset(".!?:\u2026\u2022*-\u2013")
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
    ``label`` as a whole value. A name is looked for without its legal form too, and with its words
    joined.
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
        found = dict.fromkeys((text, *_shorter(word.text)))
        yield from (("loose", one) for one in found)
    else:
        yield "exact", text


def _shorter(name: str) -> Iterator[str]:
    """Yield other ways to write a name of several words."""
    bare, tokens = TOKEN.findall(fold(without_form(name))), TOKEN.findall(fold(name))
    if len(bare) > 1 or len(bare[0]) >= _SHORT:
        yield " ".join(bare)
    for joined in dict.fromkeys(("".join(bare), "".join(tokens))):
        is_one = len(bare) > 1 and TOKEN.findall(joined) == [joined]
        if is_one and len(joined) >= _LEAST_JOINED:
            yield joined


def without_form(name: str) -> str:
    """Return a company's name without its legal form: Voxline of Voxline SAS, or of SAS Voxline."""
    said = _DOTTED.sub(_undotted, unicodedata.normalize("NFC", name)).split()
    if name.strip() and _bare(said) == said:
        return name.strip()
    return " ".join(_bare(said)).rstrip(" ,&(") if said else name.strip()


def _bare(said: list[str]) -> list[str]:
    """Return the words of a name without the forms at its ends; one word at least is left."""
    while len(said) > 1 and (_is(said[-1], _FORMS) or not TOKEN.search(said[-1])):
        said = said[:-1]
    while len(said) > 1 and said[0].isupper() and _is(said[0], _BEFORE):
        said = said[1:]
    return said


def _is(word: str, forms: Collection[str]) -> bool:
    return "".join(TOKEN.findall(fold(word))) in forms and len(TOKEN.findall(word)) == 1


def _undotted(found: re.Match[str]) -> str:
    """Return ``SAS`` for ``S.A.S.``; what is no legal form stays."""
    letters = "".join(TOKEN.findall(found[0]))
    return letters if fold(letters) in _FORMS | _BEFORE else found[0]


def counts(word: Word, here: Stand) -> bool:
    """Return whether a word that was found is that word, and no other that is spelt like it."""
    if word.owner == OURS:
        return True
    if word.what == "id":  # the name of a field is no id that looks like one
        return not (here.said.is_key and is_plain(fold(word.text)))
    if word.what != "name":
        return True
    said = unicodedata.normalize("NFC", word.text).strip()
    if len(TOKEN.findall(here.compared.text[here.start : here.end])) == 1:
        bare = without_form(said)
        is_bare = fold(bare) == here.compared.text[here.start : here.end]
        said = bare if is_bare else said  # else its words are joined
    tokens = TOKEN.findall(fold(said))
    if len(tokens) > 1:
        return any(len(one) >= _SHORT for one in tokens) or _beside(word, here)
    return not said.isalpha() or _with_its_capital(said, here)


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
    if written.isupper() or (written[:1].isupper() and not _may_be_a_word(name, said, start)):
        return True
    if (
        not here.said.is_key
        and here.compared.text.strip() == here.compared.text[here.start : here.end]
    ):
        return True  # all that a value says
    return _is_joined(said, start, end, is_key=here.said.is_key)


def _may_be_a_word(name: str, text: str, start: int) -> bool:
    """Return whether a short name in capitals, ``IT``, may be a word that begins a sentence."""
    if not name.isupper() or len(name) > _SHORT:
        return False
    before = text[max(start - _LONGEST_GAP, 0) : start]
    bare = before.rstrip()
    return len(name) < _SHORT or not bare or "\n" in before[len(bare) :] or bare[-1] in _STOPS


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
