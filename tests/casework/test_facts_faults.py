"""A facts file that cannot be says so in our words, before anything is kept."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, HOUR, NOW
from tocsin.app.casework import acts, people
from tocsin.errors import ConfigError, Refusal


def faults(folder: Path, text: str) -> str:
    path = folder / "facts.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        people.read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "docs/NOTICES.md" in caught.value.hint
    return str(caught.value)


NATURE = '[nature]\neffects = ["confidentiality"]\nincident_type = "f"\ncause = "d"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[consequences]\nimpacts = []\n", "impacts: expected at least 1, and there is none"),
        ('[consequences]\nimpacts = ["z"]\n', "impacts.1: got 'z', expected a letter from a to o"),
        ('[consequences]\nimpacts = ["n"]\n', "consequences.note: n, another consequence, is"),
        (
            NATURE.replace('"f"', '"z"'),
            "nature.incident_type: got 'z', expected a letter from a to y",
        ),
        (
            NATURE.replace("confidentiality", "confidentialty"),
            "nature.effects.1: got 'confidentialty', expected one of confidentiality, integrity",
        ),
        (NATURE.replace("confidentiality", "integrty"), "did you mean integrity?"),
        (
            "next_update_at = 2026-11-28T09:00:00\n",
            "next_update_at: expected an instant with its zone, like 2026-11-24T10:15:00+01:00",
        ),
        ("[bogus]\na = 1\n", "bogus: no such key; there are actions, changes"),
        ('[narative]\nfr = "x"\n', "narative: no such key; did you mean narrative?"),
        ('[narrative]\nit = "x"\n', "narrative.it: no such key; there are en, fr"),
        ("[severity]\ndpc = 7\nei = 1\ncb = 0\n", "severity.dpc: got 7, expected 4 at most"),
        ('[[actions]]\nnote = { fr = "x" }\n', "actions.1.kind: is missing"),
        ('not_yet = "period"\n', "not_yet: got 'period', expected a list, in brackets: [ … ]"),
    ],
)
def test_a_fault_is_said_with_its_place_and_what_to_write(
    tmp_path: Path, text: str, said: str
) -> None:
    assert said in faults(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        '[[measures]]\nkind = "other"\nat = 2026-03-09T12:30:00Z\ndone = true\n',
        '[[actions]]\nkind = "other"\n',
        '[[open_points]]\nkind = "other"\nnote = { fr = "" }\n',
    ],
)
def test_other_without_the_note_that_describes_it_is_refused(tmp_path: Path, text: str) -> None:
    assert ".1.note: other is described by a note" in faults(tmp_path, text)


DONE = '[[measures]]\nkind = "access_revoked"\nat = {}\ndone = {}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DONE.format("2030-01-01T00:00:00Z", "true"), "measures.1.at: done, 2030-01-01"),
        (f"{NATURE}contained_at = 2030-01-01T00:00:00Z\n", "nature.contained_at: 2030-01-01"),
        ("next_update_at = 2020-01-01T00:00:00Z\n", "next_update_at: 2020-01-01"),
        (
            "[period]\nbegun_at = 2026-03-09T12:00:00Z\nended_at = 2026-03-09T11:00:00Z\n",
            "period.ended_at: 2026-03-09T11:00:00+00:00 is before begun_at",
        ),
        (
            "[period]\nbegun_at = 2026-03-09T12:00:00Z\nended_at = 2026-03-10T11:00:00Z\n",
            "period.ended_at: 2026-03-10T11:00:00+00:00 is still to come",
        ),
    ],
)
def test_an_instant_that_cannot_be_is_refused_and_nothing_is_kept(
    at: Copy, tmp_path: Path, text: str, said: str
) -> None:
    desk = at("judged")
    path = tmp_path / "facts.toml"
    path.write_text(text)
    before = office.everything(desk)
    with pytest.raises(Refusal) as caught:
        acts.assess(desk, 1, people.read(path), principal=ALICE, now=NOW)
    assert said in str(caught.value)
    assert "2026-03-09 14:00 UTC" in caught.value.hint
    assert office.everything(desk) == before


def test_what_is_planned_may_lie_in_time_to_come(at: Copy, tmp_path: Path) -> None:
    desk = at("judged")
    path = tmp_path / "facts.toml"
    planned = DONE.format((NOW + HOUR).isoformat(), "false")
    path.write_text(f"next_update_at = {(NOW + timedelta(days=1)).isoformat()}\n{planned}")
    acts.assess(desk, 1, people.read(path), principal=ALICE, now=NOW)
