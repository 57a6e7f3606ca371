"""A register as a CSV file that Excel opens as it is, and that can be imported again.

A cell that a spreadsheet would take for a formula gets an apostrophe before it; reading takes it
off again.

Source: OWASP, "CSV Injection".
"""

import csv
import io
from collections.abc import Iterable

from tocsin.registers.entries import REGISTERS, Entry

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001 - these too
"""What a spreadsheet may take for the beginning of a formula."""


def harmless(text: str) -> str:
    """Return a cell that is no formula."""
    return f"'{text}" if text.startswith((*FORMULA, "'")) else text


def own_text(cell: str) -> str:
    """Return what :func:`harmless` was given; other cells as they are."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*FORMULA, "'")) else cell


def to_csv(register: str, entries: Iterable[Entry], *, delimiter: str = ";") -> bytes:
    """Return a register as CSV in UTF-8 with a mark, one line per entry.

    Args:
        register: A name of ``REGISTERS``.
        entries: Of this register.
        delimiter: A semicolon for a French Excel, a comma for an English one.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    fields = list(REGISTERS[register].model_fields)
    writer.writerow(fields)
    for entry in entries:
        values = entry.model_dump(mode="json")
        writer.writerow([harmless(_cell(values[field])) for field in fields])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
