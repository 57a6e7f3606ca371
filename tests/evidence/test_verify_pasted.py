"""VERIFY.md pasted into a terminal: a step that fails does not close it, and none changes it."""

import subprocess
from pathlib import Path

import pytest

from tests.evidence.conftest import House
from tests.evidence.test_verify import SCRIPT

STATE = "{ shopt; set -o; compgen -v; declare -F; }"
"""What a shell is set to."""


def pasted(folder: Path) -> str:
    """Paste every step into one shell, one after the other; return what it says at the end."""
    steps = SCRIPT.findall((folder / "VERIFY.md").read_text())
    script = f"{STATE} > ../before\n{''.join(steps)}\n{STATE} > ../after\n"
    done = subprocess.run(
        ["bash", "-c", f"{script}diff ../before ../after; echo still here"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("customer", ["", "acme"])
def test_every_step_leaves_the_shell_as_it_was(house: House, tmp_path: Path, customer: str) -> None:
    said = pasted(house.export(tmp_path / "bundle", customer=customer))
    assert said.count("OK") == (10 if customer else 9)  # a customer's has proofs of earlier states
    assert [one for one in said.splitlines() if one.startswith(("<", ">"))] == []
    assert said.endswith("still here\n")


@pytest.mark.parametrize("customer", ["", "acme"])
def test_a_step_that_fails_does_not_close_the_shell(
    house: House, tmp_path: Path, customer: str
) -> None:
    folder = house.export(tmp_path / "bundle", customer=customer)
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "VERIFY.md":
            path.write_bytes(path.read_bytes()[:-2] + b"x")
    (folder / "added").write_text("x")
    said = pasted(folder)
    assert said.endswith("still here\n")
    assert "OK" not in said.splitlines()[:5]
