"""What to do now names no command that is refused, and forgets nobody who was told otherwise."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.casework import office
from tests.casework.office import ALICE, HOUR, MINUTE, NOW
from tests.casework.test_letters import preview, send, tell
from tests.casework.test_ticking import C1, C2, SENT
from tocsin.app.casework import acts, following, sending
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal

At = Callable[..., Desk]
SOON = NOW + 10 * MINUTE
OTHER = """
[narrative]
fr = "La clé d'un employé a servi deux fois."
en = "An employee's key was used twice."
"""


def commands(desk: Desk, now: datetime = SOON) -> list[str]:
    return [one for one in following.commands(acts.show(desk, 1, now=now)) if " notice " in one]


def test_a_manifest_that_holds_is_to_be_approved_and_then_sent(at: At) -> None:
    desk = at("previewed")
    sha256 = office.manifest(desk)
    assert f"tocsin notice approve {sha256}" in commands(desk)
    assert not [one for one in commands(desk) if "preview" in one]
    sending.approve(desk, sha256, principal=ALICE, now=SOON)
    assert f"tocsin notice send {sha256}" in commands(desk)
    assert f"tocsin notice approve {sha256}" not in commands(desk)


def test_where_two_must_say_yes_one_yes_sends_nothing(at: At) -> None:
    desk = at("previewed")
    settings = desk.config.notifiers.model_copy(update={"approvers": 2})
    desk.config = desk.config.model_copy(update={"notifiers": settings})
    sha256 = office.manifest(desk)
    sending.approve(desk, sha256, principal=ALICE, now=SOON)
    assert f"tocsin notice approve {sha256}" in commands(desk)


@pytest.mark.parametrize("is_approved", [False, True])
def test_of_one_that_holds_no_more_a_new_preview_is_named(at: At, is_approved: bool) -> None:
    desk = at("previewed")
    sha256 = office.manifest(desk)
    if is_approved:
        sending.approve(desk, sha256, principal=ALICE, now=SOON)
    tell(desk, OTHER, now=SOON)
    said = commands(desk, SOON + MINUTE)
    assert not [one for one in said if sha256 in one]
    assert f"tocsin notice preview 1 --customer {C1} --customer {C2}   (then approve" in "".join(
        said
    )
    before = office.everything(desk)
    act = sending.send if is_approved else sending.approve
    with pytest.raises(Refusal, match="other facts"):
        act(desk, sha256, principal=ALICE, now=SOON + MINUTE)
    assert office.everything(desk) == before


def test_one_that_is_late_by_now_without_a_reason_is_not_named(at: At) -> None:
    desk = at("previewed")
    sha256 = office.manifest(desk)
    assert not [one for one in commands(desk, NOW + timedelta(days=9)) if sha256 in one]


def test_who_was_told_otherwise_is_owed_an_update_until_it_is_prepared(at: At) -> None:
    desk = at("assessed")
    send(desk, preview(desk, now=SENT), SENT)
    assert not [one for one in commands(desk, SENT + MINUTE) if "preview" in one]
    tell(desk, OTHER, now=SENT + MINUTE)
    updates = [one for one in commands(desk, SENT + HOUR) if "an update" in one]
    (update,) = updates
    assert update.startswith(f"tocsin notice preview 1 --customer {C1} --customer {C2}   ")
    assert update.endswith("(an update: the notice before says otherwise of narrative)")
    tell(desk, '[changes]\nfr = "La clé."\nen = "The key."\n', now=SENT + HOUR)
    made = preview(desk, C1, now=SENT + HOUR + MINUTE)
    said = commands(desk, SENT + HOUR + 2 * MINUTE)
    assert f"tocsin notice approve {made.sha256}" in said
    assert [C2 in one for one in said if "an update" in one] == [True]
    send(desk, made, SENT + 2 * HOUR)
    assert [C2 in one for one in commands(desk, SENT + 3 * HOUR) if "an update" in one] == [True]
