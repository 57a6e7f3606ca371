"""Files into register entries: every fault of every file is said at once, or all entries come back.

A CSV file holds one register, told by its name or else by its columns. It may be what a French or
an English Excel saves: UTF-8 with or without a mark, semicolons or commas. A TOML file may hold
several, as ``[[customer]]``, ``[[contact]]`` and so on. A folder is all such files in it.

Source: RFC 4180; TOML v1.0.0; OWASP, "CSV Injection".
"""

import csv
import difflib
import hashlib
import io
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from tocsin.errors import ConfigError
from tocsin.registers.entries import REGISTERS, STEMS, Entry
from tocsin.registers.writing import own_text

DATAMAP = "datamap.toml"
"""May lie in the same folder; it is imported by itself."""

OF_A_DATA_MAP = frozenset({"store", "action"})
"""Tables that tell one, under whatever name it lies."""

EXPECTED: Mapping[str, str] = {
    "category": "one of identification, contact, work-related, billing, telephone conversations",
    "country": "the two letters of ISO 3166, like FR (GB, not UK; GR, not EL)",
    "customer": "the id of a customer",
    "email": "an e-mail address, like breach@customer.example",
    "hours": "a whole number of hours from 1 to 720",
    "id": "a name without blanks or slashes",
    "language": "fr or en",
    "records": "a whole number, 0 or more",
    "role": "a word in small letters, like breach or dpo",
    "subjects": "a whole number, 0 or more, or nothing",
}


class Row(NamedTuple):
    """One entry as it stands in a file.

    Attributes:
        where: The file, and the line or table in it.
        values: What stands there, empty cells left out.
    """

    where: str
    values: Mapping[str, Any]


class Read(NamedTuple):
    """What files hold.

    Attributes:
        source: Name of the file or folder.
        sha256: Of its bytes; of a folder, of the names and hashes of its files.
        entries: Register → its entries, in order. A register no file speaks of is not in it.
        where: Register and key → where it stands.
        files: Register → the names of the files that hold it.
        ids: The customers' ids as they stand there, of faulty entries too.
    """

    source: str
    sha256: str
    entries: Mapping[str, tuple[Entry, ...]]
    where: Mapping[tuple[str, str], str]
    ids: frozenset[str] = frozenset()
    files: Mapping[str, tuple[str, ...]] = {}


Misfits = Callable[[Read], Iterable[str]]
"""What says how entries do not fit each other, or what else holds."""


def read(path: Path, misfits: Misfits = lambda _: ()) -> Read:
    """Return the entries of a file or of a folder of them.

    Args:
        path: The file or folder.
        misfits: Is asked as soon as every line could be read, whatever is wrong within lines, so
            that all faults are named at once.

    Raises:
        ConfigError: There are faults; the text has one line for each.
    """
    faults, rows, digests = list[str](), dict[str, list[Row]](), list[str]()
    files, holders = _files(path), dict[str, dict[str, None]]()
    for file in files:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise ConfigError(
                f"{file}: cannot be read: {error.strerror or error}",
                hint="Check the path, and that you may read the file.",
            ) from error
        digests.append(hashlib.sha256(content).hexdigest())
        parse = _toml if file.suffix.lower() == ".toml" else _csv
        for register, row in parse(file.name, content, faults):
            found = rows.setdefault(register, [])
            holders.setdefault(register, {})[file.name] = None
            if row is not None:
                found.append(row)
    entries, where = dict[str, tuple[Entry, ...]](), dict[tuple[str, str], str]()
    every_line = not faults
    for register, found in rows.items():
        entries[register] = tuple(_entries(register, found, where, faults))
    whole = digests[0] if path.is_file() else _digest(files, digests)
    ids = frozenset(str(row.values.get("id", "")).strip() for row in rows.get("customer", ()))
    holding = {register: tuple(names) for register, names in holders.items()}
    made = Read(path.name, whole, entries, where, ids, holding)
    if every_line:
        faults += misfits(made)
    if faults:
        raise ConfigError(
            "\n".join(dict.fromkeys(faults)),
            hint="Nothing was taken. Correct these places and import again.",
        )
    return made


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(
        one
        for one in path.iterdir()
        if one.suffix.lower() in {".toml", ".csv"} and one.name.lower() != DATAMAP
    )
    if not found:
        names = ", ".join(f"{stem}.csv" for stem in STEMS)
        raise ConfigError(
            f"{path}: no register in this folder", hint=f"Put TOML files there, or {names}."
        )
    return found


def _digest(files: Iterable[Path], digests: Iterable[str]) -> str:
    lines = [f"{digest}  {file.name}\n" for file, digest in zip(files, digests, strict=True)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _toml(name: str, content: bytes, faults: list[str]) -> Iterator[tuple[str, Row | None]]:
    try:
        tables = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        faults.append(f"{name}: byte {error.start}: expected UTF-8; save the file as UTF-8")
        return
    except tomllib.TOMLDecodeError as error:
        faults.append(f"{name}: expected TOML: {error}; put texts between quotation marks")
        return
    if tables.keys() & OF_A_DATA_MAP:
        faults.append(f"{name}: it is a data map; call the file {DATAMAP}, and import that")
        return
    for register, found in tables.items():
        if register not in REGISTERS:
            faults.append(f"{name}, {register}: no such register{_near(register, REGISTERS)}")
            continue
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            faults.append(f"{name}, {register}: expected tables; write [[{register}]] above each")
            continue
        yield register, None
        for number, values in enumerate(found, 1):
            yield register, Row(f"{name}, {register} {number}{_called(values)}", values)


def _called(values: Mapping[str, Any]) -> str:
    """Return which entry it is, where it says so: who counts tables in a long file?"""
    said = values.get("id", values.get("customer"))
    return f" ({said})" if isinstance(said, str) and said.isprintable() and said else ""


def _csv(name: str, content: bytes, faults: list[str]) -> Iterator[tuple[str, Row | None]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        faults.append(f"{name}, line {line}: expected UTF-8; save it as “CSV UTF-8” in Excel")
        return
    first = text.split("\n", 1)[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(";,\t", key=first.count), strict=True
    )
    try:
        header = [column.strip() for column in next(reader, [])]
        while header and not header[-1]:  # Excel writes columns that were used once
            header.pop()
        register = _register(name, header, faults)
        if register is None:
            return
        yield register, None
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if any(cell.strip() for cell in cells[len(header) :]):
                faults.append(
                    f"{name}, line {line}: expected {len(header)} cells, got {len(cells)}; "
                    "put texts that hold the separator between quotation marks"
                )
                continue
            values = {
                column: own_text(cell)
                for column, cell in zip(header, cells, strict=False)
                if cell.strip()
            }
            yield register, Row(f"{name}, line {line}", values)
    except csv.Error as error:
        faults.append(
            f"{name}, line {reader.line_num}: expected CSV: {error}; "
            "close every quotation mark that is opened"
        )


def _register(name: str, header: list[str], faults: list[str]) -> str | None:
    register = STEMS.get(Path(name).stem.lower())
    if register is None:
        fitting = [
            one
            for one, kind in REGISTERS.items()
            if _required(kind) <= set(header) <= set(kind.model_fields)
        ]
        if len(fitting) != 1:
            names = ", ".join(f"{stem}.csv" for stem in STEMS)
            faults.append(
                f"{name}, line 1: expected the columns of one register, or one of the names {names}"
            )
            return None
        register = fitting[0]
    kind, wrong = REGISTERS[register], len(faults)
    for column in header:
        if column not in kind.model_fields:
            faults.append(f"{name}, line 1, column {column!r}: {_no_field(kind, column)}")
        elif header.count(column) > 1:
            faults.append(f"{name}, line 1, column {column}: stands there twice; remove one")
    faults.extend(
        f"{name}, line 1: expected a column {column}; add it"
        for column in sorted(_required(kind) - set(header))
    )
    return register if len(faults) == wrong else None


def _required(kind: type[Entry]) -> set[str]:
    return {field for field, about in kind.model_fields.items() if about.is_required()}


def _no_field(kind: type[Entry], name: str) -> str:
    return f"no such field{_near(name, kind.model_fields)}"


def _near(name: str, known: Iterable[str]) -> str:
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"


def _entries(
    register: str, rows: Iterable[Row], where: dict[tuple[str, str], str], faults: list[str]
) -> Iterator[Entry]:
    kind = REGISTERS[register]
    for row in rows:
        try:
            entry = kind.model_validate(dict(row.values))
        except ValidationError as error:
            faults.extend(_said(kind, row.where, one) for one in error.errors(include_url=False))
            continue
        other = where.setdefault((register, entry.key), row.where)
        if other != row.where:
            faults.append(
                f"{row.where}: the same {register} stands in {other}; keep one of the two"
            )
            continue
        yield entry


def _said(kind: type[Entry], where: str, error: Any) -> str:
    """Return one fault. What stands there is not repeated: it may be a person's."""
    if not error["loc"]:
        field, _, said = str(error["msg"]).removeprefix("Value error, ").partition(": ")
        return f"{where}, {field}: {said}"
    field = str(error["loc"][0])
    if error["type"] == "missing":
        return f"{where}: expected {field}{_like(field)}; add it"
    if error["type"] == "extra_forbidden":
        return f"{where}, {field}: {_no_field(kind, field)}"
    return f"{where}, {field}: expected {EXPECTED.get(field) or _plain(error)}"


def _like(field: str) -> str:
    return f", {EXPECTED[field]}" if field in EXPECTED else ""


def _plain(error: Any) -> str:
    message = str(error["msg"])
    for start in ("Value error, expected ", "Input should be ", "String should have "):
        message = message.removeprefix(start)
    return message
