"""Who asks: the account the system vouches for, whatever the environment says."""

import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.app.commands import base
from tocsin.model.principals import Principal

NAMES = ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER", "SUDO_UID")
ASKED = "from tocsin.app.commands.base import principal; print(principal())"
ACCOUNTS = {0: "root", 1000: "alice", 1001: "bob"}
NOBODY = 54321
"""A uid that has no name here."""


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    """Return who asks, of a process with this uid, login uid and what sudo is said to have left."""

    def _runs(uid: int, login: int | str | None, sudo: str = "") -> str:
        path = tmp_path / "loginuid"
        path.unlink(missing_ok=True)
        if login is not None:
            path.write_text(str(login))
        monkeypatch.setattr(base, "LOGIN_UID", path)
        monkeypatch.setattr(os, "getuid", lambda: uid)
        monkeypatch.setattr(base, "account", ACCOUNTS.__getitem__)
        monkeypatch.setenv("SUDO_USER", sudo)
        return str(base.principal())

    return _runs


def test_no_variable_makes_another_person() -> None:
    inherited = {name: value for name, value in os.environ.items() if name not in NAMES}

    def asked(**environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", ASKED],
            capture_output=True,
            text=True,
            check=True,
            env=inherited | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment,
        )
        return done.stdout.strip()

    itself, forged = asked(), asked(**dict.fromkeys(NAMES, "bob"))
    assert pwd.getpwuid(os.getuid()).pw_name in itself or base.login_uid() is not None
    way, _, name = forged.partition(":")
    assert forged == itself or (way == "root" and Principal(way, name).is_same_person(itself))


@pytest.mark.parametrize(
    ("uid", "login", "sudo", "is_written"),
    [
        (1000, 1000, "", "shell:alice"),
        (1000, 1000, "bob", "shell:alice"),
        (0, 1000, "alice", "sudo:alice"),  # sudo tocsin …
        (0, 1000, "bob", "sudo:alice"),  # sudo SUDO_USER=bob tocsin …
        (0, 1000, "", "sudo:alice"),  # su
        (1001, 1000, "alice", "sudo:alice"),  # sudo -u bob tocsin …
        (0, 0, "bob", "shell:root"),  # root signed in
        (1000, 2**32 - 1, "bob", "shell:alice"),  # nobody signed in: a container, cron
        (0, 2**32 - 1, "alice", "root:alice"),
        (0, 2**32 - 1, "", "root:root"),
        (0, None, "alice", "root:alice"),  # another system
        (0, "?", "alice", "root:alice"),
    ],
)
def test_who_asks_is_who_signed_in(
    runs: Callable[..., str], uid: int, login: int | str | None, sudo: str, is_written: str
) -> None:
    assert runs(uid, login, sudo) == is_written


def test_root_that_nobody_signed_in_to_is_no_second_person() -> None:
    for name in ("root", "bob", "alice"):
        root = Principal("root", name)
        assert root.is_same_person("shell:alice")
        assert root.is_same_person("root:carol")
        assert "no login uid" in root.second_person("close it")
    assert Principal("shell", "alice").is_same_person("root:alice")
    assert not Principal("shell", "bob").is_same_person("root:alice")


def test_an_account_without_a_name_is_its_number() -> None:
    assert base.account(NOBODY) == str(NOBODY)


def test_a_person_is_the_same_by_whatever_way() -> None:
    assert Principal("sudo", "alice").is_same_person("shell:Alice")
    assert not Principal("shell", "bob").is_same_person("shell:alice")
