"""A confirmed breach is not closed while nobody has said whose data it touched."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidents.obligations import IMPACT, OWN_FILING
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, AWARE, BOB, HOUR, NOW, everything
from tests.casework.person import Person
from tests.casework.test_declaring import reported, statement
from tocsin.app.casework import acts, declaring, duties, ticking
from tocsin.errors import Refusal

NOBODY = "nobody has computed or stated whose data it touched"
EXCLUDED = """
[[customer]]
id = "c-3"
standing = "excluded"
why = "The laptop was encrypted and held nothing of it."
"""


@pytest.mark.parametrize("how", ["detected", "reported"])
def test_a_breach_nobody_counted_is_not_closed(at: Copy, how: str) -> None:
    desk = at("opened")
    number = reported(desk) if how == "reported" else 1
    acts.confirm(desk, number, aware_at=AWARE, why="It is.", principal=ALICE, now=NOW)
    duties.waive(desk, number, OWN_FILING, why="None of ours.", principal=ALICE, now=NOW)
    before = everything(desk)
    with pytest.raises(Refusal, match=NOBODY) as refused:
        acts.close(desk, number, why="Done.", principal=BOB, now=NOW)
    with pytest.raises(Refusal, match="is not waived"):
        duties.waive(desk, number, IMPACT, why="None.", principal=ALICE, now=NOW)
    assert everything(desk) == before
    if how == "reported":
        assert f"tocsin incident declare {number} FILE.toml" in refused.value.hint
        assert "as excluded" in refused.value.hint
        assert f"tocsin incident correct {number} --void" in refused.value.hint
    else:
        assert "tocsin incident impact 1" in refused.value.hint
    (one,) = (one for one in acts.show(desk, number).owed if one.clause == IMPACT)
    assert (one.is_open, one.due_at) == (True, AWARE + 24 * HOUR)  # c-2's contract


def test_that_it_was_nobodys_can_be_stated_and_then_it_is_closed(at: Copy, tmp_path: Path) -> None:
    desk = at("opened")
    number = reported(desk)
    acts.confirm(desk, number, aware_at=AWARE, why="It is.", principal=ALICE, now=NOW)
    duties.waive(desk, number, OWN_FILING, why="None of ours.", principal=ALICE, now=NOW)
    said = statement(tmp_path, EXCLUDED)
    declaring.declare(desk, number, said, principal=ALICE, now=NOW)
    assert not any(one.is_open for one in acts.show(desk, number).owed)
    closed = acts.close(desk, number, why="Nobody's.", principal=BOB, now=NOW)
    assert str(closed.assessment) == "closed"


def test_the_team_is_reminded_that_nobody_counted(at: Copy) -> None:
    desk = at("opened")
    acts.confirm(desk, 1, aware_at=AWARE, why="It is.", principal=ALICE, now=NOW)
    ticking.tend(desk, AWARE + 23 * HOUR)
    mails = [one.read_text() for one in Path(desk.config.store.path).parents[1].rglob("*.eml")]
    assert any("whose data the breach touched, not yet" in one for one in mails)


def test_show_names_it_with_its_clock_and_the_command(alice_at: Callable[[str], Person]) -> None:
    alice = alice_at("opened")
    aware = (datetime.now(UTC) - HOUR).isoformat()
    said = alice.types("incident", "confirm", 1, "--aware-at", aware, "--why", "Seen.")
    assert "impact-of-breach" in said
    said = alice.types("incident", "show", 1)
    assert "impact-of-breach to the team" in said
    assert said.count("tocsin incident impact 1") == 1
    alice.types("incident", "impact", 1)
    assert "met: impact-of-breach to the team" in alice.types("incident", "show", 1)
