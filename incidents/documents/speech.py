"""How the documents speak: words, dates, numbers and lists in one language and one time zone.

The words are ours and stand in ``words/en.toml`` and ``words/fr.toml``, key for key. Instants are
shown in the customer's zone with UTC beside; minutes are cut, never rounded up, so that no deadline
is shown later than it is.

Source: Unicode CLDR, through Babel.
"""

import re
import tomllib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal

from incidents.documents.breach import Range
from incidents.documents.fact import Language
from tocsin.errors import ConfigError

LOCALES = {"fr": Locale("fr", "FR"), "en": Locale("en", "GB")}
UTC_NAMES = ("UTC", "Etc/UTC")
NO_BREAK, NARROW = "\u00a0", "\u202f"


def same_minute(one: datetime, other: datetime) -> bool:
    """Return whether two instants read alike: minutes are cut."""
    cut = (each.astimezone(UTC).replace(second=0, microsecond=0) for each in (one, other))
    return len(set(cut)) == 1


class Speech:
    """One language, in one time zone."""

    def __init__(
        self, language: Language, time_zone: str, law: Literal["gdpr", "uk"] = "gdpr"
    ) -> None:
        """Take the words of a language.

        Args:
            language: Of the words.
            time_zone: In which instants are shown, beside UTC.
            law: As which the law on data protection is cited.

        Raises:
            ConfigError: There is no such time zone.
        """
        self.language = language
        self._words = _words(language)
        self._locale = LOCALES[language]
        self._law = self._words[f"law.{law}"]
        try:
            self._zone = ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ConfigError(
                f"no time zone {time_zone!r}",
                hint="Write it as in the IANA database, e.g. Europe/Paris, in the register.",
            ) from error
        city = get_timezone_location(self._zone, locale=self._locale, return_city=True)
        vowel = city[:1].lower() in "aeiouyhéèâœ"
        self.zone = self("form.zone_vowel" if vowel else "form.zone", city=city)
        if self._zone.key in UTC_NAMES:
            self.zone = self("form.zone_utc")

    def __call__(self, key: str, **values: object) -> str:
        """Return a text of ours with its values filled in."""
        return self._words[key].format(law=self._law, **values)

    def number(self, value: float) -> str:
        """Return a number as people write it."""
        return format_decimal(value, locale=self._locale)

    def count(self, key: str, number: int, shown: str | None = None) -> str:
        """Return ``3 records``; the word follows the number as the language wants it."""
        plural = self._locale.plural_form(number)
        form = f"{key}.{plural}" if f"{key}.{plural}" in self._words else f"{key}.other"
        return self(form, count=shown or self.number(number))

    def range(self, key: str, value: Range) -> str:
        """Return a range in words: ``about 1,350 (at least 1,204, at most 2,000) people``."""
        numbers = {
            name: self.number(number)
            for name, number in (("least", value.least), ("best", value.best), ("most", value.most))
            if number is not None
        }
        if value.least == value.most:
            return self.count(key, value.most)
        if value.best is not None:
            counted = self.count(key, value.best)
            form = "range.best" if value.least else "range.best_zero"
            return self(form, **{**numbers, "best": counted})
        shown = self("range.wide" if value.least else "range.upto", **numbers)
        return self.count(key, value.most, shown)

    def instant(self, at: datetime) -> str:
        """Return an instant in the customer's zone, with UTC beside."""
        here, there = at.astimezone(self._zone), at.astimezone(UTC)
        local = self._at(here, "form.day_time")
        if self._zone.key in UTC_NAMES:
            return f"{local}{NO_BREAK}UTC"
        utc = self._at(there, "form.utc_time" if here.date() == there.date() else _OTHER_DAY)
        return self("form.with_utc", local=local, utc=utc)

    def span(self, begun: datetime, ended: datetime) -> str:
        """Return from when until when; a day that both share is named once."""
        first, last = self.instant(begun), self.instant(ended)
        if same_minute(begun, ended):
            return self("times.at", at=first)
        if not self.same_day(begun, ended):
            return self("times.from_to", begun=first, ended=last)
        begun, ended = begun.astimezone(self._zone), ended.astimezone(self._zone)
        hours = self._hours(begun, ended)
        if self._zone.key in UTC_NAMES:
            utc = "UTC"
        else:
            utc = f"({self._hours(begun.astimezone(UTC), ended.astimezone(UTC))}{NO_BREAK}UTC)"
        day = self._at(begun, "form.weekday")
        said = self("times.one_day", day=day, hours=hours, utc=utc)
        return re.sub(r"(?<=\d) UTC", f"{NO_BREAK}UTC", said)

    def same_day(self, one: datetime, other: datetime) -> bool:
        """Return whether both are of one day, here and in UTC."""
        zones = (self._zone, UTC)
        return all(one.astimezone(z).date() == other.astimezone(z).date() for z in zones)

    def sector(self, sector: str) -> str:
        """Return what a customer does in this language; a word of the register's own as it is."""
        return self._words.get(f"sector.{sector.strip().lower().replace(' ', '_')}", sector)

    def typeset(self, words: str) -> str:
        """Return words of a form as a typesetter sets ours."""
        return _set(words, self.language)

    def day(self, day: date) -> str:
        """Return a date."""
        return self._first(format_date(day, self("form.date"), locale=self._locale))

    def listed(self, items: Iterable[str]) -> str:
        """Return ``a, b and c``."""
        return format_list(list(items), locale=self._locale)

    def joined(self, items: Iterable[str]) -> str:
        """Return ``a; b; c``: for items that hold commas themselves."""
        return self("form.semicolon").join(items)

    def sentence(self, text: str) -> str:
        """Return a text with a capital at its beginning."""
        return text[:1].upper() + text[1:]

    def _at(self, at: datetime, form: str) -> str:
        text = format_datetime(at, self(form), locale=self._locale)
        text = re.sub(r"(?<=\d) h (?=\d)", f"{NO_BREAK}h{NO_BREAK}", text)
        return self._first(re.sub(r"(?<=\d) UTC", f"{NO_BREAK}UTC", text))

    def _hours(self, begun: datetime, ended: datetime) -> str:
        first, last = self._at(begun, "form.time"), self._at(ended, "form.time")
        return self("times.hours", begun=first, ended=last)

    def _first(self, text: str) -> str:
        """Return a date with the first day of a month as the language writes it."""
        return re.sub(r"(?<!\d)1 (?=\D)", self("form.first"), text)


_OTHER_DAY = "form.utc_day_time"


@cache
def _words(language: Language) -> dict[str, str]:
    text = files(__package__).joinpath("words", f"{language}.toml").read_text(encoding="utf-8")
    return {
        f"{table}.{key}": words if table == "form" else _set(words, language)
        for table, entries in tomllib.loads(text).items()
        for key, words in entries.items()
    }


def _set(words: str, language: Language) -> str:
    """Return our words as a typesetter sets them; in the files they are easy to type."""
    words = words.replace("'", "\u2019")
    if language == "fr":
        words = words.replace("n° ", f"n°{NO_BREAK}")
        words = re.sub(r" ([;!?])", NARROW + r"\1", words.replace(" :", f"{NO_BREAK}:"))
        words = words.replace("« ", f"«{NO_BREAK}").replace(" »", f"{NO_BREAK}»")
    return words
