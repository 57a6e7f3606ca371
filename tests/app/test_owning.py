"""Our top-level packages are ours alone, and `tocsin check` says where they are not."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.app import owning
from tocsin.app.cli import app


def test_no_other_distribution_of_this_environment_has_our_names() -> None:
    assert owning.strangers() == {}


def test_another_distribution_with_one_of_our_names_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "notifiers-1.3.3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: notifiers\nVersion: 1.3.3\n")
    (info / "top_level.txt").write_text("notifiers\n")
    (info / "RECORD").write_text("notifiers/__init__.py,,\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert owning.strangers() == {"notifiers": ("notifiers",)}
    done = CliRunner().invoke(app, ["check"])
    assert done.exit_code != 0
    said = " ".join(done.output.split())
    assert "notifiers is a package of notifiers too: which one is loaded is chance" in said
    assert "virtual environment of its own" in said
