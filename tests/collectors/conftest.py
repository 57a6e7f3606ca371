"""The folder that a test's files lie in."""

from pathlib import Path

import pytest

from tests.collectors.logs import Reads


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    """Return what reads the files a test puts into its folder."""
    folder = tmp_path / "logs"
    folder.mkdir()
    return Reads(folder)
