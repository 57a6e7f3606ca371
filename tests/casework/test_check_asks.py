"""``tocsin check`` asks what else would only fail in the night it is needed: channels, contacts."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import NOW, RELAY
from tests.servers.relay import Relay
from tocsin.app import checking
from tocsin.app.cli import app
from tocsin.app.config import load

ConfigAt = Callable[..., Path]


def check(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", *map(str, arguments)], env={"COLUMNS": "200"})
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result.exit_code, result.output


def nobody() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_the_configuration_of_this_folder_is_checked_and_named(
    config_at: ConfigAt, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = config_at("opened")
    monkeypatch.chdir(config.parent)
    code, said = check()
    assert code == 0
    assert "configuration    config.toml" in said
    assert "source.logs" in said
    monkeypatch.chdir(tmp_path)
    code, said = check()
    assert code == 2
    assert "there is no config.toml in this folder" in said


def test_a_relay_that_is_dead_fails_and_one_that_lives_is_sent_nothing(
    config_at: ConfigAt, relay: Relay
) -> None:
    config = config_at("opened", RELAY.replace("{port}", str(nobody())))
    code, said = check("--config", config)
    assert code == 2
    assert "FAILS  notifiers.email  no answer from 127.0.0.1:" in said
    config.write_text((office.CONFIG + RELAY).format(config.parent, port=relay.port))
    code, said = check("--config", config)
    assert code == 0
    assert "works  notifiers.email" in said
    assert relay.connections
    assert not relay.inbox
    assert not relay.recipients


def test_a_folder_that_cannot_be_written_to_fails(config_at: ConfigAt) -> None:
    config = config_at("opened")
    (config.parent / "sent").rename(config.parent / "before")
    (config.parent / "sent").write_text("a file")
    code, said = check("--config", config)
    assert code == 2
    assert "FAILS  notifiers.files" in said


def test_no_channel_at_all_is_said(config_at: ConfigAt) -> None:
    code, said = check("--config", config_at("opened", ""))
    assert code == 0
    assert "lacks  notifiers" in said
    assert "nobody is told anything" in said


def test_customers_without_any_contact_come_first(at: Copy) -> None:
    desk = at("opened")
    folder = Path(desk.config.store.path).parents[1]
    customers = ["id;name;language;time_zone;sector;country;hours;signed_on"]
    contacts = ["customer;role;name;email;phone;verified_on"]
    for number in range(1, 10):
        customers.append(f"c-{number};Firm {number};fr;Europe/Paris;retail;FR;48;2024-02-01")
        if number < 9:
            contacts.append(
                f"c-{number};breach;Desk;d{number}@firm.example;+33199001001;2024-02-01"
            )
    office.take_registers(
        desk,
        office.registers(
            folder, customers__csv="\n".join(customers), contacts__csv="\n".join(contacts)
        ),
        NOW,
    )
    answers = {one.part: one for one in checking.ask(desk.config, NOW)}
    assert answers["contacts"].said.startswith("customer c-9 has no breach contact\n")
    assert "and 4 more" in answers["contacts"].said


def test_what_was_set_aside_is_said_by_the_pass_and_by_check(
    config_at: ConfigAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_at("opened")
    monkeypatch.chdir(config.parent)
    (config.parent / "logs" / "b.json.gz").write_bytes(b"no gzip at all")
    record = office.record(840, eventTime="yesterday", eventID=f"{3:08x}-0000-4000-8000-{3:012x}")
    office.write_log(config.parent, [record], "c.json.gz")
    assert "rejects" not in check()[1]
    result = CliRunner().invoke(app, ["run", "--once"])
    assert result.exit_code == 0, result.output
    said = result.output + result.stderr
    assert said.count("set aside, could not be read") == 1
    for part in ("records=2", "files=1", "source=logs", "b.json.gz"):
        assert part in said
    code, said = check()
    assert code == 0
    assert "2 set aside, could not be read; whole files: 1" in said
    assert "\N{REPLACEMENT CHARACTER}" not in said
    assert any(answer.part == "rejects" for answer in checking.ask(load(config), NOW))
