"""What the service says in its log of its sources, from pass to pass."""

import pytest

from collectors.base import Batch
from tests.detectors.streams import columns
from tocsin.app.remarks import Mute

SAID = "no record says its outcome"


def batch(**says: bool) -> Batch:
    return Batch(columns([]), (), (), (), 1, says_outcome=says)


def test_a_mute_source_is_named_once_and_never_after_it_spoke(
    capsys: pytest.CaptureFixture[str],
) -> None:
    mute = Mute()
    mute.take(batch(crm=False, ecs=True))
    mute.say()
    first = capsys.readouterr().out
    assert (first.count(SAID), "logs=crm" in first) == (1, True)
    mute.take(batch(crm=False, ecs=False))
    mute.say()
    assert capsys.readouterr().out == ""
