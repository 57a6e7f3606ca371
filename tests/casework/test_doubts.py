"""What a preview shows to be looked at: letters the PDF cannot show, facts that contradict."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.casework import office
from tests.casework.office import ALICE, NOW
from tests.casework.person import Person
from tests.casework.test_declared_letters import BEGUN, OF_TWO, OPEN, desk_with
from tests.casework.test_letters import tell
from tocsin.app.casework import acts, doubts, measuring, sending
from tocsin.app.casework.desk import Desk

At = Callable[..., Desk]
LATER = NOW + office.HOUR
GOES_ON = "[nature]" + office.FACTS.partition("[nature]")[2].partition("[consequences]")[0].replace(
    "contained_at = 2026-03-09T12:30:00Z", ""
)


def found(desk: Desk) -> list[str]:
    made = sending.preview(desk, 1, None, principal=ALICE, now=LATER + office.MINUTE)
    return doubts.doubts(desk, made)


def test_a_notice_without_a_doubt_shows_none(at: At) -> None:
    assert found(at("assessed")) == []


def test_letters_that_the_pdf_cannot_show_are_named_with_the_customers(at: At) -> None:
    desk = at("assessed")
    tell(desk, '[narrative]\nfr = "Lu par 你好."\nen = "Read by somebody."\n', LATER)
    (said,) = found(desk)
    assert said.startswith("Look at c-1: the PDF's fonts lack U+4F60, U+597D;")


def test_a_breach_that_begins_after_it_was_known_is_to_be_looked_at(at: At) -> None:
    desk = at("assessed")
    tell(desk, "[period]\nbegun_at = 2026-03-09T13:45:00Z\n", LATER)
    said = found(desk)
    assert any(
        "the breach begins at 2026-03-09T13:45Z, after we knew of it, at 2026-03-09T" in one
        and "tocsin incident correct 1 --aware-at" in one
        for one in said
    ), said
    tell(desk, "[period]\nbegun_at = 2026-03-08T12:00:00Z\n", LATER + office.MINUTE)
    made = sending.preview(desk, 1, None, principal=ALICE, now=LATER + 2 * office.MINUTE)
    assert not [one for one in doubts.doubts(desk, made) if "after we knew" in one]


def test_a_beginning_that_was_stated_of_one_customer_is_looked_at_as_well(
    at: At, tmp_path: Path
) -> None:
    said = OF_TWO.replace(BEGUN.isoformat(), (NOW - office.MINUTE).isoformat())
    desk, number = desk_with(at, tmp_path, OPEN, said)
    tell(desk, "[period]\nbegun_at = 2026-03-08T12:00:00Z\n", LATER, number=number)
    made = sending.preview(desk, number, None, principal=ALICE, now=LATER + office.MINUTE)
    (said,) = [one for one in doubts.doubts(desk, made) if "after we knew" in one]
    assert said.startswith("Look at c-1: it says that the breach begins at 2026-03-09T13:59Z,")
    assert f"`tocsin incident declare {number} FILE.toml`" in said


def test_an_attack_that_comes_to_a_customer_after_it_was_known_is_no_doubt(at: At) -> None:
    desk = at("assessed")
    folder = desk.config.evidence.key.parents[1]
    later = NOW + 3 * office.HOUR
    office.write_log(folder, [office.theft(990, "c-3", "0007-01")], "z.json.gz")
    office.passed(folder / "config.toml", later)
    measuring.measure(desk, 1, principal=ALICE, now=later)
    tell(desk, GOES_ON, later + office.MINUTE)
    made = sending.preview(desk, 1, None, principal=ALICE, now=later + 2 * office.MINUTE)
    assert "c-3" in [one.customer for one in made.notices]
    assert not [one for one in doubts.doubts(desk, made) if "after we knew" in one]


@pytest.mark.parametrize("kind", doubts.STOPS)
def test_access_that_goes_on_beside_a_measure_that_stopped_it_is_to_be_looked_at(
    at: At, kind: str
) -> None:
    desk = at("assessed")
    measure = f'[[measures]]\nkind = "{kind}"\nat = 2026-03-09T12:30:00Z\ndone = true\n'
    tell(desk, measure + GOES_ON, LATER)
    (said,) = found(desk)
    assert said.startswith("Look at c-1, c-2: it says that no stop is recorded")
    assert f"the measure {kind}, done at 2026-03-09T12:30Z" in said
    assert "it still goes on (period.ended_at)" in said
    assert "`tocsin incident contain 1 --at" in said
    assert "`tocsin incident assess 1 --facts" in said
    acts.contain(
        desk, 1, at=NOW - office.HOUR, why="Key off.", where="", principal=ALICE, now=LATER
    )
    assert found(desk) == []


@pytest.mark.parametrize(
    "measure",
    [
        'kind = "access_revoked"\nat = 2036-03-09T12:30:00Z\ndone = false',
        'kind = "evidence_secured"\nat = 2026-03-09T12:30:00Z\ndone = true',
    ],
)
def test_a_measure_that_is_planned_or_stops_nobody_contradicts_nothing(
    at: At, measure: str
) -> None:
    desk = at("assessed")
    tell(desk, f"[[measures]]\n{measure}\n{GOES_ON}", LATER)
    assert found(desk) == []


def test_what_is_promised_or_planned_for_an_instant_that_is_over_is_to_be_looked_at(
    at: At,
) -> None:
    desk = at("assessed")
    soon, then = "2026-03-09T15:00:30Z", "2026-03-09T15:00:40Z"
    measure = f'[[measures]]\nkind = "mfa_enforced"\nat = {then}\ndone = false\n'
    tell(desk, f"next_update_at = {soon}\n{measure}", LATER)
    promised, planned = found(desk)
    assert "the next message by 2026-03-09T15:00Z, which is over: give next_update_at" in promised
    assert "the measure mfa_enforced is planned for 2026-03-09T15:00Z, which is over" in planned


def test_the_preview_at_the_shell_shows_it(alice_at: Callable[[str], Person]) -> None:
    alice = alice_at("assessed")
    facts = alice.config.parent / "facts.toml"
    facts.write_text(
        '[late_reason]\nfr = "En panne."\nen = "It was down."\n'
        '[narrative]\nfr = "Lu par 你好."\nen = "Read by 你好."\n'
    )
    alice.types("incident", "assess", 1, "--facts", facts)
    said = " ".join(alice.types("notice", "preview", 1).split())
    assert "Look at c-1, c-2: the PDF's fonts lack U+4F60, U+597D;" in said
