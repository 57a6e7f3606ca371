"""Our own words: what stands in every customer's documents, whoever it is and whatever happened.

A customer called ``Contact`` or ``Bonjour`` is not told of by them.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import get_args

from babel.dates import get_day_names, get_month_names

from incidents.documents.fact import Language
from incidents.documents.speech import LOCALES, Speech

_FOLDERS = ("words", "templates", "forms")
_MAKER = (
    "Typst; Adobe, sRGB, UCS, Identity, Resource; XMP Media Management schema: Text, UUID, Custom; "
    "InstanceID, Producer, Trapped, PDFVersion, http://www.aiim.org/pdfua/ns/id/, pdfuaid; dossier "
    "exact approx tbd"
)
"""What the maker of our PDFs writes into each of them."""


def fixed(zones: Iterable[str]) -> Iterator[str]:
    """Yield the texts that documents are made of, without anybody's facts.

    Args:
        zones: Time zones of the customers; documents name their cities.
    """
    yield from _texts()
    for zone in sorted(set(zones)):
        for language in get_args(Language):
            yield Speech(language, zone).zone


@cache
def _texts() -> tuple[str, ...]:
    found = [_MAKER]
    for folder in _FOLDERS:
        found += _below(files(__package__).joinpath(folder))
    for locale in LOCALES.values():
        for names in (get_month_names, get_day_names):
            found.append(" ".join(names("wide", locale=locale).values()))
    return tuple(found)


def _below(folder: Traversable) -> Iterator[str]:
    for one in sorted(folder.iterdir(), key=lambda each: each.name):
        if one.is_dir():
            yield from _below(one)
        else:
            yield one.read_text(encoding="utf-8")
