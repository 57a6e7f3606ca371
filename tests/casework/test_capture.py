"""The raw records behind an incident are captured byte for byte, whatever stopped the service."""

import gzip
import json
from pathlib import Path

import pytest

from incidents.evidence import capture
from tests.casework import office
from tests.casework.office import HOUR, NOW, found, opened, theft, write_log
from tocsin.app.casework import acts, ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.config import load
from tocsin.app.house import House
from tocsin.app.passes import Opened, one_pass


def evidence(desk: Desk, number: int = 1) -> dict[str, bytes]:
    """Return event id → the captured bytes."""
    with desk.store.read() as db:
        held = capture.held(db, number)
    folder = desk.config.evidence.path
    return {one.event_id: capture.read(folder, one.sha256) for one in held if one.sha256}


def written(folder: Path) -> dict[str, bytes]:
    """Return event id → its bytes as they stand in the logs, cut out by hand."""
    texts = [gzip.decompress(path.read_bytes()) for path in (folder / "logs").iterdir()]
    return {
        one["eventID"]: json.dumps(one).encode()
        for text in texts
        for one in json.loads(text)["Records"]
        if json.dumps(one).encode() in text
    }


def pass_of(config: Path, now: object = NOW) -> None:
    house = House(load(config))
    assert one_pass(house, now=now) == {}  # type: ignore[arg-type] # an instant
    house.close()


def test_a_pass_that_opens_an_incident_captures_its_records_byte_for_byte(tmp_path: Path) -> None:
    config = found(tmp_path / "o")
    opened(config)
    desk = Desk(load(config))
    incident = acts.show(desk, 1).detected
    assert incident is not None
    held, logged = evidence(desk), written(tmp_path / "o")
    assert held.keys() == set(incident.event_ids)
    assert held == {one: logged[one] for one in incident.event_ids}
    assert [one.kind for one in office.intact(desk)].count("evidence.captured") == 1
    desk.close()


def test_what_a_pass_that_was_killed_left_out_is_captured_by_the_next(tmp_path: Path) -> None:
    class Killed(BaseException):
        """Between the transaction that opened an incident and the capture of its records."""

    def killed(_: Opened) -> None:
        raise Killed

    config = found(tmp_path / "o")
    house = House(load(config))
    with pytest.raises(Killed):
        one_pass(house, now=NOW, opened=killed)
    assert len(acts.listed(house.desk)) == 1
    assert evidence(house.desk) == {}
    house.close()
    pass_of(config, NOW + HOUR)
    desk = Desk(load(config))
    assert len(evidence(desk)) == 6
    desk.close()


def test_what_an_incident_grows_by_is_captured_too_and_nothing_twice(tmp_path: Path) -> None:
    config = found(tmp_path / "o")
    opened(config)
    write_log(tmp_path / "o", [theft(860 + n, "c-1", f"{n:04}-09") for n in range(3)], "b.json.gz")
    pass_of(config, NOW + 2 * HOUR)
    desk = Desk(load(config))
    incident = acts.show(desk, 1).detected
    assert incident is not None
    assert len(incident.event_ids) == 9
    assert len(evidence(desk)) == 9
    before = office.everything(desk)
    assert ticking.capture_records(desk, NOW + 3 * HOUR) == 0
    assert office.everything(desk) == before
    desk.close()


def test_an_id_that_a_source_repeats_ends_no_pass(tmp_path: Path) -> None:
    config = found(tmp_path / "o")
    first = theft(601, "c-1", "0001-01")
    repeated = {**theft(721, "c-1", "0009-01"), "eventID": first["eventID"]}
    write_log(tmp_path / "o", [repeated], "b.json.gz")
    opened(config)
    pass_of(config, NOW + HOUR)
    desk = Desk(load(config))
    incident = acts.show(desk, 1).detected
    assert incident is not None
    assert set(incident.event_ids) <= evidence(desk).keys()
    desk.close()


def test_a_record_that_is_gone_is_recorded_so_and_not_looked_for_again(tmp_path: Path) -> None:
    config = found(tmp_path / "o")
    house = House(load(config))
    house.config.evidence.path.parent.mkdir(parents=True, exist_ok=True)
    house.config.evidence.path.write_text("no folder")  # captured by no pass
    troubles = one_pass(house, now=NOW)
    assert set(troubles) == {"evidence"}
    ticking.tend(house.desk, NOW)
    assert office.words(house.desk)["alert-1-high-1"] == "accepted"  # it waited for no disk
    house.close()
    house.config.evidence.path.unlink()
    (tmp_path / "o" / "logs" / "a.json.gz").unlink()
    pass_of(config, NOW + HOUR)
    desk = Desk(load(config))
    with desk.store.read() as db:
        assert {one.state for one in capture.held(db, 1)} == {"missing"}
    assert ticking.capture_records(desk, NOW + 2 * HOUR) == 0
    desk.close()


def test_one_pass_copies_no_more_than_it_may_and_the_next_goes_on(tmp_path: Path) -> None:
    config = found(tmp_path / "o", customers=["c-2"], others=1)
    house = House(load(config))
    house.config.evidence.path.parent.mkdir(parents=True, exist_ok=True)
    house.config.evidence.path.write_text("no folder")
    assert set(one_pass(house, now=NOW)) == {"evidence"}
    house.config.evidence.path.unlink()
    desk = house.desk
    assert [len(s.incident.event_ids) for s, _ in acts.listed(desk)] == [3, 2]
    looked = [ticking.capture_records(desk, NOW, most=4) for _ in range(3)]
    assert looked == [4, 1, 0]
    assert (len(evidence(desk, 1)), len(evidence(desk, 2))) == (3, 2)
    house.close()
