"""The documentation is run: its commands, paths and examples are those there are."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel
from typer.main import get_command

from incidents.documents import edpb
from tocsin.app.casework import declaring, people
from tocsin.app.cli import app
from tocsin.datamap.entries import Action, Store
from tocsin.datamap.reading import parse as parse_datamap
from tocsin.registers.entries import REGISTERS, STEMS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
CODE = ("collectors", "detectors", "incidents", "notifiers", "runbooks", "tocsin")
SOURCES = [path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py"))]

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
OURS = re.compile(rf"(?<![\w/.-])(?:{'|'.join(CODE)}|docs|tests|bench)/[\w./-]*\w")
LETTERS = {
    "nature.incident_type": 60,
    "nature.cause": 61,
    "consequences.confidentiality": 79,
    "consequences.integrity": 81,
    "consequences.availability": 83,
    "consequences.impacts": 85,
    "measures_before": edpb.BEFORE,
}
TOP: Any = get_command(app)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def page(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return [match[2] for match in FENCED.finditer(text) if match[1] == language]


def shown(text: str) -> Iterator[str]:
    """Yield the commands of code blocks: each line is one, output is not."""
    for block in blocks(text, ""):
        for line in block.splitlines():
            if line.removeprefix("$ ").startswith("tocsin "):
                yield line.removeprefix("$ ")


def mentioned(text: str) -> Iterator[str]:
    """Yield the commands in running text, also those that are broken over two lines."""
    for match in INLINE.finditer(FENCED.sub("", text)):
        command = " ".join(match[1].split())
        if command.startswith("tocsin "):
            yield command


def words(command: str) -> list[str]:
    return shlex.split(command.replace("|", " "), comments=True)


def found(command: str) -> tuple[Any, list[str]]:
    """Return what the command line makes of a command, and the words that are left for it."""
    at, left = TOP, words(command)[1:]
    while hasattr(at, "commands") and left and not left[0].startswith("-"):
        assert left[0] in at.commands, f"{command}: there is no {left[0]}"
        at, left = at.commands[left[0]], left[1:]
    return at, left


def check_options(command: str) -> None:
    at, left = found(command)
    known = {option for param in at.params for option in param.opts} | {"-h", "--help"}
    unknown = [word for word in left if word.startswith("--") and word not in known]
    assert not unknown, f"{command}: there is no {', '.join(unknown)}"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_commands_in_the_documentation_are_there_with_their_options(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for command in (*shown(text), *mentioned(text)):
        check_options(command)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_commands_that_are_shown_whole_are_understood(path: Path) -> None:
    for command in shown(path.read_text(encoding="utf-8")):
        at, left = found(command.replace("…", ""))
        if "…" in command and '"…"' not in command and "--" in command:
            continue  # shortened
        at.make_context("tocsin", left)


def test_commands_that_the_program_speaks_of_are_there() -> None:
    spoken = 0
    for path in SOURCES:
        text = path.read_text(encoding="utf-8").replace("``", "")
        for command in re.findall(r"`(tocsin [a-z]+[^`\"\n]*)`", text):
            check_options(re.sub(r"\{\w*\}|[{}]", "1", command))
            spoken += 1
    assert spoken > 10


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_paths_in_the_documentation_are_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in LINK.findall(text):
        if "://" not in target:
            assert (path.parent / target).exists(), target
    for target in OURS.findall(" ".join(INLINE.findall(text))):
        assert (ROOT / target).exists(), target


def test_paths_that_the_program_speaks_of_are_there() -> None:
    for path in SOURCES:
        for target in re.findall(r"\bdocs/[\w/-]+\.md", path.read_text(encoding="utf-8")):
            assert (ROOT / target).exists(), f"{name(path)}: {target}"


def test_the_changelog_mentions_every_command() -> None:
    text = page("CHANGELOG.md")
    assert [name for name in TOP.commands if f"`tocsin {name}" not in text] == []


def test_every_command_says_what_it_is_for_and_each_of_its_options_too() -> None:
    def commands(at: Any, under: str) -> Iterator[tuple[str, Any]]:
        for called, one in getattr(at, "commands", {}).items():
            yield f"{under} {called}", one
            yield from commands(one, f"{under} {called}")

    for called, one in commands(TOP, "tocsin"):
        assert one.help, called
        for param in one.params:
            assert getattr(param, "help", ""), f"{called} {param.name}"


# ---- examples


def test_the_example_of_a_facts_file_can_be_given(tmp_path: Path) -> None:
    example, _ = blocks(page("docs/NOTICES.md"), "toml")
    path = tmp_path / "facts.toml"
    path.write_text(example, encoding="utf-8")
    facts = people.read(path)
    given = {field for field in type(facts).model_fields if getattr(facts, field)}
    assert set(type(facts).model_fields) - given == {
        "period",
        "severity",
        "late_reason",
        "changes",
        "withdrawal",
    }


def test_the_example_of_a_statement_can_be_read(tmp_path: Path) -> None:
    _, example = blocks(page("docs/NOTICES.md"), "toml")
    path = tmp_path / "statement.toml"
    path.write_text(example, encoding="utf-8")
    ((one,), of_data) = declaring.read(path).customer, declaring.Data.model_fields
    assert {field for field in type(one).model_fields if not getattr(one, field)} == set()
    assert {field for field in of_data if not getattr(one.data[0], field)} == set()


def test_the_example_of_a_data_map_can_be_imported() -> None:
    (example,) = blocks(page("docs/REGISTERS.md"), "toml")
    read = parse_datamap(example.encode(), "datamap.toml")
    assert (len(read.store), len(read.action)) == (1, 2)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_toml_in_the_documentation_is_toml(path: Path) -> None:
    for block in blocks(path.read_text(encoding="utf-8"), "toml"):
        tomllib.loads(block)


# ---- words


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models(field.annotation)
    for inner in get_args(annotation):
        yield from models(inner)


def literals(annotation: Any) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from (word for word in get_args(annotation) if isinstance(word, str))
    else:
        for inner in get_args(annotation):
            yield from literals(inner)


def test_notices_names_every_fact_a_person_can_give_and_its_words() -> None:
    text = page("docs/NOTICES.md")
    for field, about in people.PeoplesFacts.model_fields.items():
        assert field in text, field
        for model in models(about.annotation):
            if model.__name__ == "Source":
                continue
            for key, inner in model.model_fields.items():
                assert key in text, f"{field}.{key}"
                for word in literals(inner.annotation):
                    assert f"`{word}`" in text, f"{field}.{key}: {word}"
    for word in people.LATER:
        assert f"`{word}`" in text, word


def test_notices_has_every_letter_of_the_authorities_form() -> None:
    text = page("docs/NOTICES.md")
    fields = {field["id"]: field for field in edpb.fields()}
    rows = [line.split("|") for line in text.splitlines() if line.startswith("|")]
    told = {cell.strip() for row in rows for cell in row}
    for fact, field in LETTERS.items():
        letters = {value["value"] for value in fields[field]["values"]}
        if fact == "measures_before":
            listed = text.split("`measures_before` under", 1)[1].split("\n\n", 1)[0]
            meant = dict(re.findall(r"(?:: |, )([a-z]) ([a-z][^,.(]*)", listed.replace("\n", " ")))
            assert meant.keys() == letters
            for letter, said in meant.items():  # the same letter means another thing elsewhere
                form = edpb.word(field, letter, "en").lower()
                assert any(len(word) > 4 and word in form for word in said.split()), said
        else:
            assert fact.rpartition(".")[2] in text, fact
            assert letters <= told, fact


def test_notices_names_every_sector_that_has_a_word_in_both_languages() -> None:
    text = page("incidents/documents/words/en.toml")
    told = page("docs/NOTICES.md").split("A sector is told", 1)[1].split("any other word", 1)[0]
    assert set(INLINE.findall(told)) == set(tomllib.loads(text)["sector"].values())


def test_registers_names_every_column_of_every_file() -> None:
    text = page("docs/REGISTERS.md")
    for stem, register in STEMS.items():
        table = text.split(f"`{stem}.csv`", 1)[1].split("\n\n", 1)[0]
        for field, about in REGISTERS[register].model_fields.items():
            assert f"`{field}`" in table, f"{stem}: {field}"
            optional = re.search(rf"\*`{field}`\*", table) is not None
            needed = about.is_required() or field in ("email", "phone")
            assert optional != needed, f"{stem}: {field}"


def test_registers_names_every_key_and_word_of_a_data_map() -> None:
    text = page("docs/REGISTERS.md")
    for model in (Store, Action):
        for field, about in model.model_fields.items():
            assert re.search(rf"\b{field}\b", text), field
            for word in literals(about.annotation):
                assert f"`{word}`" in text, f"{field}: {word}"
