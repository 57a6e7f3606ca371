"""config.toml: what may stand in it, and what is said of what may not."""

import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from collectors.files import FilesSettings
from collectors.mapping import Mapping_
from collectors.s3 import S3Settings
from incidents.documents import edpb
from notifiers.secret import SecretFrom
from tocsin.app.config import Config, load
from tocsin.app.demo.applog import MAPPING
from tocsin.app.sources import SOURCES
from tocsin.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "config.toml"


def uncommented() -> str:
    """Return the example with everything in it switched on."""
    lines = EXAMPLE.read_text().splitlines()
    return "\n".join(re.sub(r"^# (?=[a-z_]+ = |\[)", "", line) for line in lines)


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    return path


def test_the_example_says_the_defaults() -> None:
    assert load(EXAMPLE) == Config()
    assert load(None) == Config()


def test_the_example_with_everything_switched_on_loads(tmp_path: Path) -> None:
    config = load(write(tmp_path, uncommented()))
    assert {name: type(source) for name, source in config.source.items()} == {
        "trail": S3Settings,
        "crm": FilesSettings,
    }
    assert config.rules.placeholders["admins"] == ("alice", "bob")


def names(model: type[BaseModel], under: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = [field.annotation, *get_args(field.annotation)]
        tables = [one for one in inner if isinstance(one, type) and issubclass(one, BaseModel)]
        if SecretFrom in tables:
            yield f"{under}{name}"  # from a file or a variable: one of the two
        elif tables:
            yield from names(tables[0], f"{under}{name}.")
        elif name != "source":
            yield f"{under}{name}"


def test_the_example_names_every_setting() -> None:
    written = tomllib.loads(uncommented())
    for place in names(Config):
        table = written
        for part in place.split("."):
            assert part in table, place
            table = table[part]
    sources = written["source"].values()
    for kind, settings in SOURCES.items():
        (table,) = (one for one in sources if one["type"] == kind)
        assert set(settings.model_fields) - {"name"} == set(table) - {"type"}
    (mapping,) = written["source"]["crm"]["mappings"]
    assert set(mapping) == set(Mapping_.model_fields)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[folow]\n", "folow: no such key; did you mean follow?"),
        ("[follow]\nlatenes = 1\n", "follow.latenes: no such key; did you mean lateness?"),
        ("[run]\nx = 1\n", "run.x: no such key; there are every"),
        ('[follow]\nlateness = "soon"\n', "follow.lateness: "),
        ('[contract]\nregions = ["Paris"]\n', "contract.regions.1: "),
        ('[contract]\ncountries = ["FR", "france"]\n', "contract.countries.2: "),
        ("[source.a]\n", "source.a.type: got None, expected one of files, s3"),
        ('[source.a]\ntype = "ftp"\n', "source.a.type: got 'ftp', expected one of files, s3"),
        (
            '[source.a]\ntype = "files"\npath = ["x"]\npaths = ["x"]\n',
            "source.a.path: no such key; did you mean paths?",
        ),
        ('[source.a]\ntype = "s3"\n', "source.a.bucket: "),
        ('source = "a"\n', "source: each source is a table of its own"),
        (
            '[source.a]\ntype = "files"\npaths = ["x"]\nmappings = [{ time = "t", outcom = "c" }]',
            "source.a.mappings.1.outcom: no such key; did you mean outcome?",
        ),
        (
            '[operator]\nmeasures_before = ["c", "m"]\n',
            "measures_before.2: no such letter of the authorities' form, which has a Pseudony",
        ),
        ("[follow\n", "is no TOML"),
    ],
)
def test_what_cannot_work_is_named_with_file_key_and_the_nearest_key(
    tmp_path: Path, text: str, said: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        load(path)
    assert said in str(error.value)
    assert str(error.value).startswith(str(path))


def test_the_letters_of_what_protected_data_say_what_their_line_says(demo_config: Path) -> None:
    for path in (EXAMPLE, demo_config):
        (line,) = (one for one in path.read_text().splitlines() if "measures_before = " in one)
        said, _, told = line.removeprefix("# ").partition("# ")
        (letters,) = tomllib.loads(said).values()
        words = [edpb.word(edpb.BEFORE, letter, "en").lower() for letter in letters]
        told = told.partition(":")[0].replace("backups", "backup")
        assert len(told.split(", ")) == len(words)
        for one, word in zip(told.split(", "), words, strict=True):
            assert one in word


def test_every_fault_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load(write(tmp_path, "[run]\nx = 1\n[geo]\ny = 2\n"))
    assert len(str(error.value).splitlines()) == 2


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.toml: cannot be read"):
        load(tmp_path / "nothing.toml")


def test_spans_are_read_as_spans(tmp_path: Path) -> None:
    config = load(write(tmp_path, '[follow]\nlateness = "PT30M"\n[run]\nevery = "PT90S"\n'))
    assert config.follow.lateness == timedelta(minutes=30)
    assert config.run.every == timedelta(seconds=90)


def test_the_demos_description_of_its_log_is_the_generators(demo_config: Path) -> None:
    (source,) = load(demo_config).source.values()
    assert source.mappings == (Mapping_.model_validate(MAPPING),)
