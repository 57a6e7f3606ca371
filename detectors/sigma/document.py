"""YAML documents that remember which line each of their keys stands on.

Dates stay the text they are: a test's record must look like the JSON it stands for. So do keys:
a selection may be called ``off``, which YAML takes for false. A key given twice is an error: YAML
would silently keep the last, and half a condition would be gone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tocsin.errors import RuleError

START = re.compile(r"^---(?=\s|$)", re.MULTILINE)
"""Where a document begins: nothing else in YAML may begin a line with ``---``."""

Keys = tuple[str | int, ...]
"""The way to a part of a document."""

TEXT, MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"


class _Loader(yaml.CSafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == MERGE:
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key.value!r} is there twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
            key.tag = TEXT
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regex) for tag, regex in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file.

    Attributes:
        path: The file.
        text: As it stands there.
        data: What it says.
        node: The same with positions.
        line: Lines of the file before it.
    """

    path: Path
    text: str
    data: Mapping[str, Any]
    node: yaml.Node = field(repr=False)
    line: int

    def where(self, *keys: str | int) -> str:
        """Return file and line of what ``keys`` lead to, or of the last of them that is there."""
        node, line = self.node, self.node.start_mark.line
        for key in keys:
            if isinstance(node, yaml.SequenceNode) and isinstance(key, int):
                node = node.value[key]
                line = node.start_mark.line
                continue
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            found = [(name, value) for name, value in pairs if name.value == key]
            if not found:
                break
            line, node = found[0][0].start_mark.line, found[0][1]
        return f"{self.path}:{self.line + line + 1}"

    def error(self, message: str, *keys: str | int, hint: str = "") -> RuleError:
        """Return the error that something about ``keys`` is wrong."""
        return RuleError(message, where=self.where(*keys), hint=hint)


def documents(path: Path) -> Iterator[Document | RuleError]:
    """Return what is in a file, document by document: a broken one does not hide the others."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        yield RuleError(f"the file cannot be read: {error}", where=str(path))
        return
    starts = [found.start() for found in START.finditer(text)]
    if not starts or text[: starts[0]].strip():
        starts.insert(0, 0)
    nothing = True
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        found = _document(path, text[start:end], text.count("\n", 0, start))
        if found is not None:
            nothing = False
            yield found
    if nothing:
        yield RuleError("there is no rule in it", where=str(path))


def _document(path: Path, text: str, line: int) -> Document | RuleError | None:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        data = loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{line + mark.line + 1}" if mark is not None else str(path)
        said = getattr(error, "problem", None) or str(error)
        return RuleError(f"this is no proper YAML: {said}", where=place)
    except (RecursionError, ValueError, TypeError) as error:
        return RuleError(f"this YAML cannot be read: {error}", where=f"{path}:{line + 1}")
    finally:
        loader.dispose()
    document = Document(path, text, data, node, line)
    if data is None:
        return None
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        return document.error("a rule is a map with words for keys, this is something else")
    return document
