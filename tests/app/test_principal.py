"""Who asks: the account the system vouches for, whatever the environment says."""

import os
import pwd
import subprocess
import sys

import pytest

from tocsin.app.commands import base
from tocsin.model.principals import Principal

NAMES = ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER")
ASKED = "from tocsin.app.commands.base import principal; print(principal())"
NOBODY = 54321
"""A uid that has no name here."""


def asked(**environment: str) -> str:
    """Return who a process of ours is to us."""
    inherited = {name: value for name, value in os.environ.items() if name not in NAMES}
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        capture_output=True,
        text=True,
        check=True,
        env=inherited | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment,
    )
    return done.stdout.strip()


def test_no_variable_makes_another_person() -> None:
    forged = dict.fromkeys(NAMES[:-1], "bob")
    assert asked(**forged) == f"shell:{pwd.getpwuid(os.getuid()).pw_name}"


def test_who_is_not_root_cannot_say_that_sudo_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setattr(base, "account", lambda: "alice")
    monkeypatch.setenv("SUDO_USER", "bob")
    assert base.principal() == Principal("shell", "alice")


def test_what_root_runs_for_somebody_is_that_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(base, "account", lambda: "root")
    monkeypatch.setenv("SUDO_USER", "alice")
    assert str(base.principal()) == "sudo:alice"
    monkeypatch.setenv("SUDO_USER", "root")
    assert str(base.principal()) == "shell:root"
    monkeypatch.delenv("SUDO_USER")
    assert str(base.principal()) == "shell:root"


def test_an_account_without_a_name_is_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: NOBODY)
    assert base.account() == str(NOBODY)


def test_a_person_is_the_same_by_whatever_way() -> None:
    assert Principal("sudo", "alice").is_same_person("shell:Alice")
    assert not Principal("shell", "bob").is_same_person("shell:alice")
