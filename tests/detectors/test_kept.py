"""Ids that a state keeps: text when asked for, and a list of text where they are stored."""

import msgspec
import numpy as np
import pytest

from detectors.follow import State, decode, encode
from detectors.kept import Ids, from_plain, to_plain
from detectors.volume import Taken
from tests.detectors.streams import HOUR, columns, event

ODD = "request 7"


def test_ids_are_kept_in_the_order_in_which_they_were_added() -> None:
    events = columns([event(0 * HOUR, "s3", "GetObject"), event(HOUR, "s3", "GetObject", id=ODD)])
    first, ids = events.event_id(0), Ids(["before"])
    ids.add(events, np.array([1, 0]))
    assert len(ids) == 3
    assert ids.texts() == ["before", ODD, first]
    ids.add(events, np.array([], np.intp))
    ids.add(events, np.array([1]))
    assert ids.texts() == ["before", ODD, first, ODD]
    assert len(ids) == 4


def test_a_state_is_stored_with_ids_as_text() -> None:
    events, state = columns([event(0 * HOUR, "s3", "GetObject", id=ODD)]), State()
    taken = state.amounts.taken["alice s3"] = Taken(1)
    taken.ids.add(events, np.array([0]))
    stored = encode(state)
    assert msgspec.msgpack.decode(stored)["amounts"]["taken"]["alice s3"]["ids"] == [ODD]
    assert decode(stored).amounts.taken["alice s3"].ids.texts() == [ODD]


def test_nothing_else_is_stored_in_this_way() -> None:
    with pytest.raises(NotImplementedError, match="complex cannot be stored"):
        to_plain(1j)
    with pytest.raises(NotImplementedError, match="complex cannot be read"):
        from_plain(complex, [])
