"""What notices lack, said once for all customers that lack it: most facts are given once for all.

A text is asked for in the languages of the customers that lack it; what is asked of a register
names the customers, or how many they are.
"""

from collections.abc import Iterable
from typing import NamedTuple

from incidents.documents import Missing

NAMED = 3
"""So many customers are named."""


class Lacking(NamedTuple):
    """One fact that one customer's notice lacks.

    Attributes:
        customer: Its id.
        language: Of the customer.
        fact: What is missing.
    """

    customer: str
    language: str
    fact: Missing


def lines(lacking: Iterable[Lacking]) -> list[str]:
    """Return what is missing, a line each, with who lacks it."""
    alike: dict[tuple[str, str, str, bool], list[Lacking]] = {}
    for one in lacking:
        how = one.fact.how.removesuffix(in_language := f", in {one.language}")
        is_text = one.fact.how.endswith(in_language)
        how = how.replace(f"inventory of {one.customer},", "inventory of {whose},")
        alike.setdefault((one.fact.fact, one.fact.whose, how, is_text), []).append(one)
    found = []
    for (fact, whose, how, is_text), those in alike.items():
        ids = list(dict.fromkeys(one.customer for one in those))
        said = ", ".join(ids) if len(ids) <= NAMED else f"{len(ids)} customers"
        if is_text:
            said += f"; text in {', '.join(sorted({one.language for one in those}))}"
        named = how.replace("{whose}", ids[0] if len(ids) == 1 else "each of them")
        found.append(f"{fact}: from {whose}, by {named} ({said})")
    return found
