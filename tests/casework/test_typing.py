"""What a person types on a case: what is ambiguous is asked back, and then nothing has changed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.casework.office import everything
from tests.casework.person import Person
from tocsin.app.casework.desk import opened
from tocsin.app.cli import app
from tocsin.app.config import load

ConfigAt = Callable[..., Path]


def tocsin(config: Path, *arguments: object, typed: str = "") -> Result:
    words = [str(one) for one in arguments]
    result = CliRunner().invoke(app, [*words, "--config", str(config)], input=typed)
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("confirm", 1, "--aware-at", "2026-03-09T14:00", "--why", "x"), "in which zone?"),
        (("confirm", 1, "--aware-at", "2026-03-09", "--why", "x"), "in which zone?"),
        (("confirm", 1, "--aware-at", "this morning", "--why", "x"), "is no instant"),
        (("contain", 1, "--at", "2026-03-09T14:00", "--why", "x"), "in which zone?"),
        (("correct", 1, "--why", "x"), "one of --aware-at and --void is needed"),
        (
            ("correct", 1, "--why", "x", "--void", "--aware-at", "2026-03-09T14:00Z"),
            "one of --aware-at and --void is needed",
        ),
    ],
)
def test_an_instant_names_its_zone_and_a_correction_says_which(
    config_at: ConfigAt, command: tuple[object, ...], said: str
) -> None:
    config = config_at("judged")
    with opened(load(config)) as desk:
        before = everything(desk)
    result = tocsin(config, "incident", *command)
    assert result.exit_code == 2
    assert said in result.stderr
    with opened(load(config)) as desk:
        assert everything(desk) == before


REPORT = ("--what", "x", "--reporter", "customer", "--channel", "email")


@pytest.mark.parametrize(
    "command",
    [
        ("open", *REPORT, "--received-at"),
        ("confirm", 1, "--why", "x", "--aware-at"),
        ("correct", 1, "--why", "x", "--aware-at"),
        ("contain", 1, "--why", "x", "--at"),
        ("filed", 1, "--reference", "x", "--at"),
        ("decide", 1, "c-3", "--why", "x", "--wait-until"),
        ("show", 1, "--as-of"),
    ],
)
@pytest.mark.parametrize("at", ["0001-01-01T00:00+05:00", "9999-12-31T23:59-05:00"])
def test_an_instant_that_no_calendar_has_is_refused(
    alice_at: Callable[[str], Person], command: tuple[object, ...], at: str
) -> None:
    said = alice_at("judged").is_refused("incident", *command, at)
    assert "no such instant in UTC" in said


@pytest.mark.parametrize("at", ["0001-01-01T00:00Z", "2018-05-24T23:59Z", "9999-12-31T23:59Z"])
def test_a_receipt_on_a_day_on_which_no_law_holds_is_refused(
    alice_at: Callable[[str], Person], at: str
) -> None:
    said = alice_at("judged").is_refused("incident", "open", *REPORT, "--received-at", at)
    assert ("still to come" if at > "2026" else "received on ") in said
    assert ("its zone may be wrong" if at > "2026" else "the year may be mistyped") in said


@pytest.mark.parametrize("at", ["0001-01-01T00:00Z", "9999-12-31T23:59Z"])
def test_the_first_and_the_last_instants_there_are_break_nothing(
    alice_at: Callable[[str], Person], at: str
) -> None:
    alice = alice_at("judged")
    alice.is_refused("incident", "decide", 1, "c-3", "--why", "x", "--wait-until", at)
    alice.is_refused("incident", "confirm", 1, "--why", "x", "--aware-at", at)
    command = ("incident", "correct", 1, "--why", "x", "--earlier-because", "x", "--aware-at")
    alice.is_refused(*command, at)


def test_a_withdrawal_says_how_the_second_person_agrees(config_at: ConfigAt) -> None:
    config = config_at("judged")
    result = tocsin(config, "incident", "correct", 1, "--void", "--why", "It was our own test.")
    assert result.exit_code == 0
    last = result.stdout.splitlines()[-1]
    assert last.startswith("A second person has to agree: tocsin incident agree 1 ")
    assert "overdue" in result.stdout  # until then the clocks run


@pytest.mark.parametrize("asked", [("--void",), ("--aware-at", "2026-03-09T13:45Z")])
def test_a_correction_that_waits_is_not_asked_for_twice(
    alice_at: Callable[[str], Person], asked: tuple[str, ...]
) -> None:
    alice = alice_at("judged")
    command = ("incident", "correct", 1, *asked, "--why", "It was our own test.")
    alice.types(*command)
    for person in (alice, alice.colleague("bob")):
        said = person.is_refused(*command)
        assert "shell:alice has asked for this correction already" in said
        assert "A second person agrees: tocsin incident agree 1 " in said


def test_another_correction_may_be_asked_for_beside_one_that_waits(
    alice_at: Callable[[str], Person],
) -> None:
    alice = alice_at("judged")
    command = ("incident", "correct", 1, "--why", "x", "--aware-at")
    alice.types(*command, "2026-03-09T13:45Z")
    assert alice.types(*command, "2026-03-09T13:50Z").count("A second person has to agree") == 2


def test_an_import_that_changes_nothing_asks_nothing(config_at: ConfigAt) -> None:
    config = config_at("opened")
    result = tocsin(config, "customer", "import", config.parent / "registers")
    assert result.exit_code == 0
    assert result.stdout.count("nothing changes") == 2
    assert "Take it?" not in result.stdout


def test_an_import_that_is_not_taken_changes_nothing(config_at: ConfigAt) -> None:
    config = config_at("opened")
    path = config.parent / "registers" / "customers.csv"
    path.write_text(path.read_text().replace("Harbour Finch", "Harbour Finch Ltd"))
    with opened(load(config)) as desk:
        before = everything(desk)
    result = tocsin(config, "customer", "import", path, typed="n\n")
    assert "~ customer c-2  name: Harbour Finch → Harbour Finch Ltd" in result.stdout
    with opened(load(config)) as desk:
        assert everything(desk) == before
