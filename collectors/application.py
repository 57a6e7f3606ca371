"""An application's log, one JSON object a line, read by a mapping of its fields.

The whole text is decoded in one call into a struct with the mapped fields only; a line's other
fields are decoded when a rule asks for them. A line that cannot be read costs itself alone.

Source: JSON Lines (jsonlines.org); RFC 3339.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from collectors.base import Reject
from collectors.lenient import (
    BROKEN,
    MOST_RECORD_BYTES,
    kind_of,
    mended,
    sample,
    too_long,
    value_of,
)
from collectors.lines import Text, cut_lines, line_count
from collectors.made import digest_of, made_id, qualified
from collectors.mapping import USUAL_OUTCOMES, Mapping_
from collectors.paths import Columnar
from collectors.pile import Chunk, Group
from collectors.source import Decoded, Source, Waiting, said
from collectors.times import instant, instants
from collectors.values import numbers, texts
from tocsin.geo import Geo
from tocsin.model.agents import family
from tocsin.model.columns import ABSENT, pack_ids
from tocsin.model.events import ActorKind, Outcome
from tocsin.model.rows import EVENT, Fields, Layout, Rows

_WORDS = {
    "action": ("source", "service", "action", "outcome", "reason"),
    "who": ("actor", "actor_kind", "credential", "session"),
    "context": ("ip", "user_agent"),
}
_GROUP_OF = {name: group for group, names in _WORDS.items() for name in names}
MOST_UNMAPPED = 20
_WITH_THE_ROW = ("resource", "object", "customer")


class Application(Source):
    """Makes batches of an application's records; see :class:`collectors.source.Source`."""

    word = "line"

    def __init__(self, mapping: Mapping_, geo: Geo) -> None:
        self.mapping, self._geo = mapping, geo
        paths = mapping.paths()
        self._columns = Columnar(paths)
        self._fixed_kind = mapping.fixed_kind
        self._own_name = {
            field: its[0] for field, its in paths.items() if len(its) == 1 and "." not in its[0]
        }
        self._read = partial(
            instant, zone=ZoneInfo(mapping.zone) if mapping.zone else None, unit=mapping.unit
        )
        known = {**USUAL_OUTCOMES, **mapping.outcomes}
        self._outcomes = {word.casefold(): meaning for word, meaning in known.items()}
        self._missing = mapping.outcome_missing or (None if mapping.outcome else "success")
        self._equal: Counter[bytes] = Counter()
        self._equal_in = self._objects = 0
        # Lines are decoded whole when a rule asks, so it does not matter what rules need.
        name = mapping.name
        logsource = {"category": "application", "product": name, "service": name}
        super().__init__(name, logsource, self._layout())

    def _layout(self) -> Layout:
        """Return which fields lie where: what a path leads to lies with the field it is for.

        ``event.…`` stands for the normalised fields, also where records have an ``event`` of
        their own (ECS): they are the same words.
        """
        roots = {
            path: _GROUP_OF[field]
            for field, its in self.mapping.paths().items()
            for path in its
            if field in _GROUP_OF and "." not in path
        }
        places = {**_GROUP_OF, **dict.fromkeys(("agent", "country", "network"), "context")}
        return Layout(roots, places)

    def _fresh(self) -> dict[str, Group]:
        make: dict[str, Callable[[Any], Fields]] = {
            "action": self._action,
            "who": self._who,
            "context": self._context,
        }
        return {name: Group(words, make[name]) for name, words in _WORDS.items()}

    def cut(self, text: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield a text in parts; see :class:`collectors.source.Source`."""
        return cut_lines(text)

    def _decode(self, text: bytes, address: str, first: int) -> Decoded:
        text = text.removeprefix(b"\xef\xbb\xbf")
        self._objects += not first
        kept = Text(text, first, self._objects)
        if len(text) > MOST_RECORD_BYTES:
            return self._carefully(text, kept, address)
        try:
            text.decode()
            found = self._columns.decode_lines(text)
        except BROKEN:
            return self._carefully(text, kept, address)
        if len(found) != line_count(text):
            return self._carefully(text, kept, address)  # empty lines: each place is counted
        return Decoded(found, range(first, first + len(found)), [], len(found), kept)

    def _carefully(self, text: bytes, kept: Text, address: str) -> Decoded:
        records, places, rejects, total = list[Any](), list[int](), list[Reject](), 0
        for number, line in enumerate(text.split(b"\n"), kept.first):
            if not line.strip():
                continue
            total += 1
            found, reason = self._one(line)
            if reason:
                rejects.append(Reject(address, f"line {number + 1}", reason, sample(line)))
            else:
                records.append(found)
                places.append(number)
        return Decoded(records, places, rejects, total, kept)

    def _one(self, line: bytes) -> tuple[Any, str]:
        """Return a line's record, or why there is none."""
        if len(line) > MOST_RECORD_BYTES:
            return None, too_long(len(line))
        try:
            line.decode()
            return self._columns.decode(line), ""
        except BROKEN as error:
            better = mended(line)
            if better is None:
                return None, _reason(line, error)
        try:
            return self._columns.decode(better), ""
        except BROKEN as error:
            return None, _reason(line, error)

    def _sample(self, waiting: Waiting, row: int) -> str:
        return sample(_line(waiting, row))

    def _chunk(self, waiting: Waiting) -> tuple[Chunk, Rows, dict[int, str]]:
        columns = self._columns.columns(waiting.records)
        at, bad = instants(columns["time"], self._read)
        where = " or ".join(self.mapping.time)
        bad = {
            row: f"no time (field {where})" if columns["time"][row] is None else f"{where} {reason}"
            for row, reason in bad.items()
        }
        actions = texts(columns["action"])
        if not all(actions):
            said_where = " or ".join(self.mapping.action)
            for row, action in enumerate(actions):
                if not action:
                    bad.setdefault(row, f"no action (field {said_where})")
        if bad:
            kept = [row for row in range(len(actions)) if row not in bad]
            at, actions = at[kept], [actions[row] for row in kept]
            columns = {name: [col[row] for row in kept] for name, col in columns.items()}
            waiting = waiting.without(bad)
        size = len(actions)
        empty = [""] * size
        text = {name: texts(columns[name]) if name in columns else empty for name in _TEXTS}
        groups = self.groups
        codes = {
            "action": groups["action"].codes(zip(actions, text["outcome"], strict=True), size),
            "who": groups["who"].codes(
                zip(
                    text["actor"],
                    text["actor_kind"],
                    text["session"],
                    text["credential"],
                    strict=True,
                ),
                size,
            ),
            "context": groups["context"].codes(
                zip(text["ip"], text["user_agent"], strict=True), size
            ),
        }
        ids = text["id"] if "id" in columns else empty
        if not all(ids):
            ids = [found or self._made_id(waiting, row) for row, found in enumerate(ids)]
        packed, id_text = pack_ids(ids)
        if id_text:  # another log counts from 1 as well
            ids = [qualified(self.name, one) if n in id_text else one for n, one in enumerate(ids)]
            packed, id_text = pack_ids(ids)
        chunk = Chunk(
            at,
            packed,
            id_text,
            codes,
            {name: text[name] for name in _WITH_THE_ROW if name in columns},
            {name: numbers(columns[name]) for name in ("count", "bytes") if name in columns},
            waiting.number,
            waiting.place,
        )
        rows = self._rows(size, chunk, partial(_row, waiting, chunk), partial(_raw, waiting))
        return chunk, rows, bad

    def _made_id(self, waiting: Waiting, row: int) -> str:
        """Return an id for a record without: the same whenever its object is read again."""
        of = waiting.texts[waiting.part[row]].of
        if of != self._equal_in:
            self._equal_in, self._equal = of, Counter()
        digest = digest_of(_line(waiting, row))
        self._equal[digest] += 1
        return made_id(digest, self._equal[digest] - 1)

    def _action(self, key: tuple[str, str]) -> Fields:
        action, word = key
        meaning = self._outcomes.get(word.casefold()) if word else self._missing
        if self.mapping.must_say_outcome:
            self.says_outcome = bool(self.says_outcome or word)
        if meaning is None and word and len(self.unmapped) < MOST_UNMAPPED:
            self.unmapped.add(f"{self.name}: {word}")
        outcome, _, reason = (meaning or str(Outcome.UNKNOWN)).partition(":")
        event = {
            "source": self.name,
            "service": self.name,
            "action": action,
            "outcome": outcome,
            "reason": reason,
        }
        return {**self._raw_of({"action": action, "outcome": word}), EVENT: said(event)}

    def _who(self, key: tuple[str, str, str, str]) -> Fields:
        actor, word, session, credential = key
        kind = self._fixed_kind or self.mapping.actor_kinds.get(word)
        if kind is None:
            kind = ActorKind(word) if word in [*ActorKind] else ActorKind.UNKNOWN
        event = {
            "actor": actor or "unknown",
            "actor_kind": str(kind),
            "session": session,
            "credential": credential,
        }
        raw = {"actor": actor, "actor_kind": word, "session": session, "credential": credential}
        return {**self._raw_of(raw), EVENT: said(event)}

    def _context(self, key: tuple[str, str]) -> Fields:
        ip, agent = key
        place = self._geo.place(ip)
        event = {
            "ip": ip,
            "user_agent": agent,
            "agent": family(agent),
            "country": place.country,
            "network": place.network,
        }
        return {**self._raw_of({"ip": ip, "user_agent": agent}), EVENT: said(event)}

    def _raw_of(self, found: dict[str, str]) -> Fields:
        """Return values under the record's own names, where a name has no other."""
        names = self._own_name
        return {names[field]: value for field, value in found.items() if value and field in names}


_TEXTS = (
    "outcome",
    "actor",
    "actor_kind",
    "session",
    "credential",
    "ip",
    "user_agent",
    "id",
    *_WITH_THE_ROW,
)


def _row(waiting: Waiting, chunk: Chunk, number: int) -> Fields:
    fields, event = _raw(waiting, number), dict[str, Any]()
    for name, words in chunk.words.items():
        if words[number]:
            event[name] = words[number]
    for name, column in chunk.number.items():
        if (found := int(column[number])) != ABSENT:
            event[name] = found
    fields[EVENT] = event
    return fields


def _line(waiting: Waiting, row: int) -> bytes:
    text: Text = waiting.texts[waiting.part[row]]
    return text.line(int(waiting.place[row]))


def _raw(waiting: Waiting, number: int) -> dict[str, Any]:
    found = value_of(_line(waiting, number))
    return found if isinstance(found, dict) else {}


def _reason(line: bytes, error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8: {error.reason} at byte {error.start} of it"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, msgspec.ValidationError):
        return f"a record must be an object, this is {kind_of(value_of(line))}"
    return f"not JSON: {error}"
