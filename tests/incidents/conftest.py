"""A house whose archive is read for an impact run, fresh for its test."""

from pathlib import Path

import pytest

from tests.incidents.archives import House
from tocsin.store import Store


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    return House(store, tmp_path)
