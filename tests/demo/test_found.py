"""What is found in a whole generated month, and what is not said in one without attacks."""

from pathlib import Path

import pytest

from tocsin.app.config import load
from tocsin.app.demo.compare import Verdict, compare
from tocsin.app.demo.generate import ALL, generate
from tocsin.app.engine.scanning import scan
from tocsin.model.findings import Level

SEED = 1
HELD, FALSE_ALARMS = 0.8, 3
"""Of each attack one incident holds so much; so many incidents at medium are no attack."""


def verdicts(out: Path, attacks: tuple[str, ...]) -> list[Verdict]:
    world = generate(out, seed=SEED, attacks=attacks)
    text = (Path(__file__).parents[2] / "tocsin/app/demo/config.toml").read_text()
    (out / "config.toml").write_text(text.replace("demo-out/", f"{out}/"))
    config = load(out / "config.toml")
    with scan(list(config.source.values()), config) as result:
        assert result.summary.events == world.records + world.lines
        return compare(world.truth, result.incidents)


def test_every_planted_attack_is_one_incident_that_holds_most_of_it(tmp_path: Path) -> None:
    found = verdicts(tmp_path, ALL)
    held = {one.attack.id: (one.recall, one.incidents) for one in found if one.attack is not None}
    assert held.keys() == set(ALL)
    assert {name: recall for name, (recall, _) in held.items() if recall < HELD} == {}
    assert {name: number for name, (_, number) in held.items() if number != 1} == {}
    alarms = [one.incident for one in found if one.attack is None and one.incident is not None]
    assert [one.title for one in alarms if one.level >= Level.HIGH] == []
    assert len(alarms) <= FALSE_ALARMS


@pytest.mark.parametrize("level", [Level.HIGH, Level.MEDIUM])
def test_a_month_without_attacks_is_quiet(level: Level, quiet: list[Verdict]) -> None:
    said = [one.incident for one in quiet if one.incident and one.incident.level >= level]
    assert len(said) <= (0 if level == Level.HIGH else FALSE_ALARMS), [one.title for one in said]


@pytest.fixture(scope="module", name="quiet")
def _quiet(tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    return verdicts(tmp_path_factory.mktemp("quiet"), ())
