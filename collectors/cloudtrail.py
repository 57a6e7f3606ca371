"""CloudTrail records: numbered by what they have in common, made into columns.

Per record there are a few look-ups in dictionaries; a value is made when its key is new, by
``cloudtrail_fields``. What a record shares with no other lies with its row: resource object
copied_from issued bytes.

Source: AWS CloudTrail User Guide, "CloudTrail record contents".
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np
from msgspec.structs import astuple

from collectors import copies, targets, trusts
from collectors.arrays import cut_array
from collectors.base import Needs
from collectors.cloudtrail_fields import (
    ACTION,
    ANSWERS,
    COPIES,
    ISSUES,
    LOGSOURCE,
    NAME,
    TRUSTS,
    action_fields,
    answer_of,
    context_fields,
    traits_of,
    who_fields,
)
from collectors.cloudtrail_pieces import is_object
from collectors.cloudtrail_text import BASE_FIELDS, EMPTY, Decoder
from collectors.identity import partition_of
from collectors.lenient import plain, sample, value_of
from collectors.lines import PART_BYTES, cut_lines
from collectors.moved import bytes_moved
from collectors.pile import Chunk, Group
from collectors.source import Decoded, Source, Waiting
from collectors.times import instants, written
from tocsin.geo import Geo
from tocsin.model.columns import ABSENT, pack_ids
from tocsin.model.rows import EVENT, Fields, Layout, Rows, Undecoded

_WORDS = {
    "action": ("source", "service", "action", "outcome", "reason"),
    "who": ("actor", "actor_kind", "credential", "session", "account"),
    "context": ("ip", "user_agent", "region"),
}
LAYOUT = Layout(
    roots={
        **dict.fromkeys(ACTION, "action"),
        "userIdentity": "who",
        "recipientAccountId": "who",
        "sourceIPAddress": "context",
        "userAgent": "context",
        "awsRegion": "context",
    },
    event={
        **{name: group for group, names in _WORDS.items() for name in names},
        **dict.fromkeys(("agent", "country", "network"), "context"),
    },
)
_AT_HAND = ("eventTime", "eventID", "errorMessage", "requestParameters")
_AS_BYTES = ("responseElements", "additionalEventData")
"""Fields that lie with the row: decoded with the record, and decoded only if rules ask for them."""

_FIELDS = [name for name, _, _ in BASE_FIELDS]
_CONTEXT = ("sourceIPAddress", "userAgent", "awsRegion")


class CloudTrail(Source):
    """Makes batches of CloudTrail records; see :class:`collectors.source.Source`."""

    def __init__(self, needs: Needs, geo: Geo) -> None:
        # No name at the top of a CloudTrail record has a dot in it.
        further = [name for name in needs.roots - {"event"} if "." not in name]
        self._decoder = Decoder(further, whole=needs.whole)
        self._at_hand = [(name, name) for name in _AT_HAND]
        self._as_bytes = [
            *((name, name) for name in _AS_BYTES if name in needs.roots),
            *self._decoder.attributes.items(),
        ]
        self._whole, self._geo = needs.whole, geo
        super().__init__(NAME, LOGSOURCE, LAYOUT)

    def _fresh(self) -> dict[str, Group]:
        self._traits = array("b")
        make = {
            "action": self._action,
            "who": who_fields,
            "context": lambda key: context_fields(key, self._geo),
        }
        return {name: Group(words, make[name]) for name, words in _WORDS.items()}

    def _action(self, key: tuple[Any, ...]) -> Fields:
        self._traits.append(traits_of(key))
        return action_fields(key)

    def cut(self, text: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield a large text in parts; see :class:`collectors.source.Source`."""
        if len(text) <= PART_BYTES:
            return super().cut(text)
        line_end = text.find(b"\n", 0, PART_BYTES)
        if line_end > 0 and is_object(text[:line_end]):
            return cut_lines(text)
        return cut_array(text, self._decoder.size) or super().cut(text)

    def _decode(self, text: bytes, address: str, first: int) -> Decoded:
        return self._decoder.decode(text, address, first)

    def _sample(self, waiting: Waiting, row: int) -> str:
        return sample(plain(waiting.records[row]).encode())

    def _chunk(self, waiting: Waiting) -> tuple[Chunk, Rows, dict[int, str]]:
        column = _columns(waiting.records)
        at, bad = instants(column["eventTime"], written)
        bad = {row: f"eventTime {reason}" for row, reason in bad.items()}
        if not all(map(str.strip, column["eventID"])):
            ids = enumerate(column["eventID"])
            bad |= {row: "no eventID" for row, text in ids if not text.strip()}
        if bad:
            at = at[[row for row in range(len(at)) if row not in bad]]
            waiting = waiting.without(bad)
            column = _columns(waiting.records)
        records, size = waiting.records, len(at)
        asked, messages, errors = (
            column[name] for name in ("requestParameters", "errorMessage", "errorCode")
        )
        explained = [row for row, message in enumerate(messages) if message is not None]
        special = [row for row in explained if errors[row] is None]
        partitions = map(partition_of, column["awsRegion"])
        identities = map(bytes, column["userIdentity"])
        whos = zip(identities, column["recipientAccountId"], partitions, strict=True)
        contexts = zip(*(column[name] for name in _CONTEXT), strict=True)
        codes = {
            "action": self._actions(column, special),
            "who": self.groups["who"].codes(whos, size),
            "context": self.groups["context"].codes(contexts, size),
        }
        resources, objects = targets.targets(asked)
        for row in explained:
            if asked[row] is None:
                resources[row] = targets.refused_on(messages[row])
        words = {"resource": resources, "object": objects}
        additional = column["additionalEventData"]
        moved = [
            ABSENT if of_management is not False or data is EMPTY else bytes_moved(data)
            for of_management, data in zip(column["managementEvent"], additional, strict=True)
        ]
        traits = np.array(self._traits, np.int8)[codes["action"]]
        for row in np.flatnonzero(traits & TRUSTS).tolist():
            opened = trusts.let_in(records[row].eventName, self._account(codes, row), asked[row])
            objects[row] = opened or objects[row]
        copying = np.flatnonzero(traits & COPIES).tolist()
        if copying:
            words["copied_from"] = [""] * size
            for row in copying:
                words["copied_from"][row] = copies.copied_from(asked[row])
        issuing = np.flatnonzero(traits & ISSUES).tolist()
        if issuing:
            words["issued"] = [""] * size
            for row in issuing:
                words["issued"][row] = self._issued(records[row], codes, row)
        packed, id_text = pack_ids(column["eventID"])
        chunk = Chunk(
            at,
            packed,
            id_text,
            codes,
            words,
            {"bytes": np.array(moved, np.int64)},
            waiting.number,
            waiting.place,
        )
        row, whole = self._row(records, chunk), self._raw(records)
        decoded: dict[str, Any] = {
            "requestParameters": asked.__getitem__,
            "additionalEventData": Undecoded(additional, value_of),
        }
        rows = self._rows(size, chunk, row, whole, decoded=decoded)
        return chunk, rows, bad

    def _actions(self, column: Mapping[str, Sequence[Any]], special: list[int]) -> Any:
        """Return the numbers of actions; ``special``: rows with a message and no code."""
        group = self.groups["action"]
        keys = list(zip(*(column[name] for name in ACTION), strict=True))
        codes = group.codes(keys, len(keys))
        traits = np.array(self._traits, np.int8)[codes]
        for row in {*special, *np.flatnonzero(traits & ANSWERS).tolist()}:
            answer = answer_of(column["eventName"][row], column["responseElements"][row])
            codes[row] = group[(*keys[row], bool(column["errorMessage"][row]), answer)]
        return codes

    def _issued(self, record: Any, codes: Mapping[str, Any], row: int) -> str:
        action = self.groups["action"].fields[codes["action"][row]][EVENT]
        if action["outcome"] != "success":
            return ""
        account = self._account(codes, row)
        asked, answer = record.requestParameters, value_of(record.responseElements)
        partition = partition_of(record.awsRegion)
        return targets.issued(action["action"], account, asked, answer, partition)

    def _account(self, codes: Mapping[str, Any], row: int) -> str:
        account = self.groups["who"].fields[codes["who"][row]][EVENT].get("account", "")
        return str(account)

    def _row(self, records: list[Any], chunk: Chunk) -> Any:
        def row(number: int) -> Fields:
            record, fields = records[number], dict[str, Any]()
            for name, attribute in self._at_hand:
                value = getattr(record, attribute)
                if value is not None:
                    fields[name] = value
            for name, attribute in self._as_bytes:
                raw = getattr(record, attribute)
                if raw is not EMPTY and (value := value_of(raw)) is not None:
                    fields[name] = value
            event: dict[str, Any] = {}
            for name, column in chunk.words.items():
                if column[number]:
                    event[name] = column[number]
            if (moved := int(chunk.number["bytes"][number])) != ABSENT:
                event["bytes"] = moved
            fields[EVENT] = event
            return fields

        return row

    def _raw(self, records: list[Any]) -> Any:
        return lambda number: value_of(records[number].whole) if self._whole else {}


def _columns(records: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Return what records hold, by field.

    All of a record is taken at once: a thousand are more than a processor keeps at hand.
    """
    by_field = zip(*map(astuple, records), strict=True) if records else repeat(())
    return dict(zip(_FIELDS, by_field, strict=False))
