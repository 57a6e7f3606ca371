"""Records put into groups as a collector would, and rules of one selection to ask of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from detectors.sigma.load import load
from detectors.sigma.rule import Rule
from tocsin.model.findings import Hit
from tocsin.model.rows import EVENT, GROUPS, Layout, Rows, single

Record = dict[str, Any]
LOGSOURCE = {"product": "aws", "service": "cloudtrail"}
CLOUDTRAIL = Layout(
    roots={
        **dict.fromkeys(("eventSource", "eventName", "errorCode", "eventType"), "action"),
        "userIdentity": "who",
        **dict.fromkeys(("sourceIPAddress", "userAgent", "awsRegion"), "context"),
    },
    event={"service": "action", "action": "action", "outcome": "action", "actor": "who"},
)


class Decoder:
    """Puts records into groups as a collector would; numbers stay the same between batches."""

    def __init__(self, layout: Layout, logsource: dict[str, str] = LOGSOURCE) -> None:
        self.layout, self.logsource = layout, logsource
        self.values: dict[str, list[Record]] = {group: [] for group in GROUPS}
        self.decoded: list[int] = []

    def rows(self, records: Sequence[tuple[Record, Record]]) -> Rows:
        codes: dict[str, list[int]] = {group: [] for group in GROUPS}
        rest: list[Record] = []
        for record, event in records:
            parts: dict[str, Record] = {g: {EVENT: {}} for g in (*GROUPS, "row")}
            for key, value in record.items():
                parts[self._part(self.layout.roots.get(key))][key] = value
            for key, value in event.items():
                parts[self._part(self.layout.event.get(key))][EVENT][key] = value
            for group in GROUPS:
                same = [repr(known) == repr(parts[group]) for known in self.values[group]]
                if True not in same:
                    self.values[group].append(parts[group])
                codes[group].append(same.index(True) if True in same else len(same))
            rest.append(parts["row"])

        def row(number: int) -> Record:
            self.decoded.append(number)
            return rest[number]

        return Rows(
            size=len(records),
            source="cloudtrail",
            logsource=self.logsource,
            layout=self.layout,
            codes={group: np.array(numbers, np.int32) for group, numbers in codes.items()},
            values=self.values,
            row=row,
            whole=lambda number: records[number][0],
        )

    @staticmethod
    def _part(group: str | None) -> str:
        return group if group in GROUPS and group is not None else "row"


def rule(tmp_path: Path, selection: Any, condition: Any = "s", **keys: Any) -> Rule:
    text = yaml.safe_dump(
        {
            "title": "T",
            "logsource": LOGSOURCE,
            "detection": {"s": selection, "condition": condition},
            **keys,
        }
    )
    (tmp_path / "rule.yml").write_text(text)
    pack = load([tmp_path / "rule.yml"])
    assert not pack.errors, pack.errors
    return pack.rules[0]


def one(record: Record, event: Record | None = None) -> Rows:
    return single(record, event or {}, source="cloudtrail", logsource=LOGSOURCE)


def rows_found(hits: list[Hit]) -> list[int]:
    return [hit.row for hit in hits]
