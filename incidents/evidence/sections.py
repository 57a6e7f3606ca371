"""The sections of a bundle as files: JSON, JSON lines, CSV; the same input gives the same bytes.

Source: RFC 4180 (CSV); OWASP, "CSV Injection": a cell that a spreadsheet takes for a formula is
given an apostrophe in front.
"""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from incidents.documents.safe import plain
from incidents.evidence.bundle import Bundle, Item, Moment, Original
from tocsin.ledger.entries import stamp
from tocsin.model.texts import storable

ENDINGS = frozenset({"csv", "eml", "html", "json", "pdf", "txt", "xml"})
ORIGINALS, ORIGINALS_INDEX = "originals/", "originals/index.json"
_FORMULA = (
    *("=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}"),
    *("\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}"),
)
_COLUMNS = ("at", "kind", "what", "principal", "customer", "entry", "source")


def files_of(bundle: Bundle, customer: str) -> dict[str, bytes]:
    """Return path → content of everything the caller gave.

    Args:
        bundle: All of it.
        customer: Only what this one may see; "" for all.
    """
    shown = [one for one in bundle.timeline if one.visible_to(customer)]
    shown.sort(key=lambda one: (one.at, one.entry or 0, one.what, one.source))
    moments = [_moment(one) for one in shown]
    files = {
        "timeline.json": document(moments),
        "timeline.csv": _table(moments),
        "events.jsonl": lines(seen(bundle.events, customer)),
        "findings.jsonl": lines(seen(bundle.findings, customer)),
    }
    for number, run in enumerate(seen(bundle.impact, customer), 1):
        files[f"impact/run-{number:04}.json"] = document(run)
    index = list[dict[str, Any]]()
    for one in bundle.files:
        if one.visible_to(customer):
            path = f"{one.section}/{len(index) + 1:04}.{_ending(one.name)}"
            files[path] = one.content
            index.append(
                {"path": path, "name": one.name, "what": one.what, "customer": one.customer}
            )
    files["notices/index.json"] = document(index)
    return files | _originals(one for one in bundle.originals if one.visible_to(customer))


def seen(items: Iterable[Item], customer: str) -> list[dict[str, Any]]:
    """Return what a customer may see of these; "" for all."""
    return [one.data for one in items if one.visible_to(customer)]


def document(value: Any) -> bytes:
    """Return a value as a JSON file a person can read."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    return storable(text).encode() + b"\n"


def lines(values: Iterable[Any]) -> bytes:
    """Return values as JSON, one a line."""
    return b"".join(
        storable(
            json.dumps(
                value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
            )
        ).encode()
        + b"\n"
        for value in values
    )


def _originals(originals: Iterable[Original]) -> dict[str, bytes]:
    """Return what came with reports, each under its SHA-256, and what each is; {} for none."""
    files, index = dict[str, bytes](), list[dict[str, Any]]()
    for one in originals:
        path = f"{ORIGINALS}{one.sha256}.{_ending(one.name)}"
        files[path] = one.content
        about = {"path": path, "name": one.name, "media_type": one.media_type, "entry": one.entry}
        index.append(about)
    return files | {ORIGINALS_INDEX: document(index)} if files else {}


def _moment(one: Moment) -> dict[str, Any]:
    return {
        "at": stamp(one.at),
        "kind": one.kind,
        "what": one.what,
        "principal": one.principal,
        "customer": one.customer,
        "entry": one.entry,
        "source": one.source,
    }


def _table(moments: Iterable[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    table.writerow(_COLUMNS)
    table.writerows(
        ["" if one[name] is None else _cell(str(one[name])) for name in _COLUMNS] for one in moments
    )
    return storable(text.getvalue()).encode()


def _cell(text: str) -> str:
    clean = "".join(" " if ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 else c for c in text)  # noqa: PLR2004 - controls
    clean = plain(clean)  # what reads backwards, or is not seen
    return f"'{clean}" if clean.strip().startswith(_FORMULA) else clean


def _ending(name: str) -> str:
    ending = PurePosixPath(name.replace("\0", "")).suffix.lower().removeprefix(".")
    return ending if ending in ENDINGS else "bin"
