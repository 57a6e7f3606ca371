"""The table of kinds is what the product writes, no more and no less."""

import re
from pathlib import Path

from incidents.obligations import keep
from notifiers.base import Kind, Outcome
from tocsin.ledger import kinds
from tocsin.ledger.kinds import KINDS, LASTING

ROOT = Path(kinds.__file__).parents[2]
BUILT = {
    *(f"attempt.{one}" for one in Outcome),
    *(f"receipt.{one}" for one in Kind),
    *keep.KINDS,
}
"""Kinds that are put together from a closed list."""


def test_each_kind_in_the_table_is_written_by_something() -> None:
    found = set(BUILT)
    for folder in ("incidents", "notifiers", "tocsin"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.name != "kinds.py":
                found |= set(re.findall(r'"([a-z]+\.[a-z]+)"', path.read_text(encoding="utf-8")))
    assert KINDS.keys() - found == set()
    assert BUILT - KINDS.keys() == set()


def test_every_kind_is_a_noun_and_a_verb_with_its_meaning() -> None:
    assert list(KINDS) == sorted(KINDS)
    for kind, meaning in KINDS.items():
        noun, _, verb = kind.partition(".")
        assert noun.isalpha()
        assert verb.isalpha()
        assert meaning
    assert KINDS.keys() >= LASTING
