"""``notice status``: who has what, and keys that can be copied whole."""

import re
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from tests.casework import office
from tests.casework.office import CONTACTS, NOW, RELAY
from tests.casework.person import Person
from tocsin.app.casework import sending, ticking
from tocsin.app.cli import app

AliceAt = Callable[[str], Person]


@pytest.mark.parametrize("width", ["80", "120"])
def test_keys_stand_whole_beside_recipient_and_next_attempt(alice_at: AliceAt, width: str) -> None:
    alice = alice_at("previewed")
    dead = (office.CONFIG + RELAY).format(alice.config.parent, port=1)
    alice.config.write_text(dead)
    with alice.desk() as desk:
        # Without a phone, the notice promises no call: it is another one.
        sha256 = office.previewed(desk, now=NOW)
        sending.approve(desk, sha256, principal=office.BOB, now=NOW)
        keys = sending.send(desk, sha256, principal=office.BOB, now=NOW)
        ticking.deliver(desk, NOW)
    result = CliRunner().invoke(
        app, ["notice", "status", "1", "--config", str(alice.config)], env={"COLUMNS": width}
    )
    lines = result.output.splitlines()
    said = " ".join(result.output.split())
    for key in keys:
        assert f"{key}  waiting" in lines
    for customer in ("c-1", "c-2"):
        assert f"by email to {CONTACTS[customer][0]} ({customer}), since 2026-03-09" in said
    # Half a minute after it began, however long the attempts before it took.
    assert re.search(r"1 attempt, next at 2026-03-09 14:0[0-2]:\d\d", said)
    assert "no answer from 127.0.0.1:1" in said
    assert all(len(line) <= int(width) for line in lines)
