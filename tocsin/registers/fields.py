"""What one cell of a register may hold: days, time zones, phone numbers, addresses.

Each is a type that pydantic checks; what does not fit is refused with what was expected.

Source: RFC 5321 for addresses; ITU-T E.164 for phone numbers; ISO 3166 for countries; the IANA time
zone database.
"""

import re
from datetime import date, datetime
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale
from pydantic import AfterValidator, BeforeValidator, StringConstraints, ValidationInfo

Language = Literal["fr", "en"]


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("expected a time zone of the IANA database, like Europe/Paris")
    return name


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _phone(text: str) -> str:
    if not text:
        return text
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValueError("expected a phone number that exists, with +country, like +33142685300")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _day(value: object) -> object:
    """Let through what is a day: pydantic would take a number for seconds since 1970."""
    if isinstance(value, datetime) or not (
        isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value.strip()))
    ):
        raise ValueError("expected a day like 2026-03-31")
    return value.strip() if isinstance(value, str) else value


def _several(value: object) -> object:
    """Take one cell for several words, as CSV has no lists."""
    return re.split(r"[\s,;|]+", value.strip()) if isinstance(value, str) else value


def _country(code: str, info: ValidationInfo) -> str:
    """Refuse what is no country: the law a notice names follows from it.

    Source: ISO 3166-1, by way of CLDR's territories; those that begin with X are its users' own.
    UK and EL, as the Union writes them, are none.
    """
    known = code in Locale("en").territories and code[0] != "X" and code not in _NO_COUNTRY
    if not known and info.context != STORED:
        raise ValueError("expected a country of ISO 3166")
    return code


STORED = "stored"
"""Context in which entries are read that were taken once: rules that came later refuse none."""


def _plain(text: str, info: ValidationInfo) -> str:
    """Return text on one line; refuse what nobody sees and what turns all that follows it.

    A name stands in subjects, file lists and terminals beside others.
    """
    text = _BREAKS.sub(" ", text)
    if unseen := _UNSEEN.search(text):
        if info.context == STORED:
            return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)
        which = f"U+{ord(unseen[0]):04X} at character {unseen.start() + 1}"
        raise ValueError(f"expected text without control characters nobody sees ({which})")
    return text


def _bare(text: str, info: ValidationInfo) -> str:
    """Refuse what nobody sees, and what only scripts need: two addresses must not look like one."""
    if (unseen := _OF_SCRIPTS.search(text)) and info.context != STORED:
        raise ValueError(f"expected text in which everything is seen (U+{ord(unseen[0]):04X})")
    return _plain(text, info)


_BREAKS = re.compile(r"\s*[\t\n\r\u2028\u2029]\s*")
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]"
)
_OF_SCRIPTS = re.compile(r"[\u200c-\u200f]")
"""Joiners and marks that names in some scripts need, and no address or id has."""

_NO_COUNTRY = frozenset({"EU", "EZ", "UN", "QO", "ZZ"})

_DAY = re.compile(r"\d{4}-\d\d-\d\d")

Day = Annotated[date, BeforeValidator(_day)]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=400),
    AfterValidator(_plain),
]
Maybe = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=400), AfterValidator(_plain)
]
Id = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[^\s/\\]{1,80}$"),
    AfterValidator(_bare),
]
Words = Annotated[tuple[Id, ...], BeforeValidator(_several)]
Country = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[A-Z]{2}$"),
    AfterValidator(_country),
]
Zone = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_zone)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_phone)]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=254,
        pattern=r"^([^\s@<>,;:\"()\[\]\\]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
        r"[A-Za-z0-9-]{2,63})?$",
    ),
    AfterValidator(_bare),
]
