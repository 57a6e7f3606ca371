"""A store in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "state.db")
    yield store
    store.close()
