"""The generated world, in months of three days: what its logs hold, and what they do not betray."""

import gzip
import hashlib
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address, ip_network
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from tocsin.app.demo import truth
from tocsin.app.demo.company import Company, share_of
from tocsin.app.demo.crm import EVENTS_PER_USER
from tocsin.app.demo.generate import ALL, START, World, generate
from tocsin.app.demo.networks import NETWORKS
from tocsin.errors import Refusal

FRIDAY = date(2026, 3, 13)
DAYS = 3
SID = re.compile(r"sid/\w+|md/command#\S+")


class Month(NamedTuple):
    """A world and what is read back of it; ``records`` holds copies too."""

    world: World
    records: list[dict[str, Any]]
    lines: list[dict[str, Any]]

    @property
    def ids(self) -> set[str]:
        return {r["eventID"] for r in self.records} | {line["id"] for line in self.lines}


def unpacked(file: Path) -> Any:
    return msgspec.json.decode(gzip.decompress(file.read_bytes()))


def trail_files(world: World) -> list[Path]:
    return sorted(world.logs.glob("AWSLogs/*/CloudTrail/**/*.json.gz"))


def read(world: World) -> Month:
    records = [record for file in trail_files(world) for record in unpacked(file)["Records"]]
    lines = [
        msgspec.json.decode(line)
        for file in sorted(world.logs.glob("crm/*.jsonl.gz"))
        for line in gzip.decompress(file.read_bytes()).splitlines()
    ]
    return Month(world, records, lines)


def tree(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def utc(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp).astimezone(UTC)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Month:
    out = tmp_path_factory.mktemp("attacked")
    return read(generate(out, start=FRIDAY, days=DAYS, processes=1))


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Month:
    out = tmp_path_factory.mktemp("quiet")
    return read(generate(out, start=FRIDAY, days=DAYS, attacks=(), processes=1))


def test_two_processes_write_the_same_bytes_as_one(attacked: Month, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    again = generate(
        tmp_path, start=FRIDAY, days=DAYS, processes=2, progress=lambda *step: seen.append(step)
    )
    assert tree(tmp_path) == tree(attacked.world.logs.parent)
    assert again.truth == attacked.world.truth
    assert seen == [("days", 1, 3), ("days", 2, 3), ("days", 3, 3)]


def test_another_seed_is_another_month(tmp_path: Path) -> None:
    one, two = (
        read(generate(tmp_path / str(seed), seed=seed, start=FRIDAY, days=1, processes=1))
        for seed in (1, 2)
    )
    assert one.ids.isdisjoint(two.ids)


def test_an_unknown_attack_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no attack flood") as refused:
        generate(tmp_path, days=1, attacks=("flood",), processes=1)
    assert refused.value.hint.startswith("There are scraper, ")
    assert not list(tmp_path.iterdir())


def test_two_months_do_not_mix_in_one_folder(attacked: Month) -> None:
    out = attacked.world.logs.parent
    before = tree(out)
    with pytest.raises(Refusal, match="logs exists already"):
        generate(out, start=START, days=1, processes=1)
    assert tree(out) == before


def test_the_quiet_month_lacks_the_attacks_and_nothing_else(attacked: Month, quiet: Month) -> None:
    planted = {step.id for attack in attacked.world.truth.attacks for step in attack.events}
    related = {id_ for attack in attacked.world.truth.attacks for id_ in attack.related}
    assert quiet.world.truth.attacks == []
    assert planted.isdisjoint(quiet.ids)
    assert attacked.ids - quiet.ids == planted | related
    assert quiet.ids <= attacked.ids
    before = {record["eventID"]: record for record in quiet.records}
    assert all(before.get(r["eventID"], r) == r for r in attacked.records)
    lines = {line["id"]: line for line in quiet.lines}
    assert all(lines.get(line["id"], line) == line for line in attacked.lines)


def test_one_attack_alone_is_the_same_as_among_others(attacked: Month, tmp_path: Path) -> None:
    alone = generate(tmp_path, start=FRIDAY, days=DAYS, attacks=("leaver",), processes=1)
    among = [attack for attack in attacked.world.truth.attacks if attack.id == "leaver"]
    assert alone.truth.attacks == among


def test_the_truth_names_what_lies_in_the_logs(attacked: Month) -> None:
    found = attacked.world.truth
    assert [attack.id for attack in found.attacks] == list(ALL)
    assert truth.read(attacked.world.truth_file) == found
    times = {r["eventID"]: r["eventTime"] for r in attacked.records}
    times |= {line["id"]: line["time"] for line in attacked.lines}
    for attack in found.attacks:
        assert len({step.id for step in attack.events}) == len(attack.events)
        assert {step.id for step in attack.events}.isdisjoint(attack.related)
        assert set(attack.related) <= times.keys()
        assert [utc(step.at) for step in attack.events] == sorted(
            utc(times[step.id]) for step in attack.events
        )
        assert attack.first == attack.events[0].at
        assert attack.last == attack.events[-1].at
        assert attack.touched
        assert all(0 < t.subjects <= t.records for t in attack.touched)


def test_the_truth_lies_apart_from_the_logs(attacked: Month) -> None:
    logs = attacked.world.logs
    names = [str(file.relative_to(logs)) for file in logs.rglob("*")]
    assert attacked.world.logs not in attacked.world.truth_file.parents
    assert not [name for name in names if "truth" in name or "attack" in name]


def test_no_tool_and_no_name_gives_an_attack_away(attacked: Month, quiet: Month) -> None:
    def agents(month: Month) -> set[str]:
        both = [r["userAgent"] for r in month.records] + [x["user_agent"] for x in month.lines]
        return {SID.sub("", agent) for agent in both}

    assert agents(attacked) <= agents(quiet)
    text = b"".join(msgspec.json.encode(r).lower() for r in [*attacked.records, *attacked.lines])
    for word in (b"attack", b"evil", b"hacker", b"pentest", b"stratus", b"pacu", b"kali", b"malic"):
        assert word not in text
    actions = {line["action"] for line in quiet.lines}
    assert {line["action"] for line in attacked.lines} - actions <= {"mfa.reset", "mfa.enroll"}


def test_every_address_lies_in_a_network_of_the_table(attacked: Month) -> None:
    networks = [ip_network(network.cidr) for network in NETWORKS]
    assert not [(a, b) for a, b in combinations(networks, 2) if a.overlaps(b)]
    found = {r["sourceIPAddress"] for r in attacked.records} | {x["ip"] for x in attacked.lines}
    for text in found:
        if text.endswith(".amazonaws.com"):
            continue  # AWS itself
        address = ip_address(text)
        assert any(address in network for network in networks) or text.startswith("10.20."), text


def test_records_have_the_shape_cloudtrail_gives_them(attacked: Month) -> None:
    for record in attacked.records:
        assert record["eventVersion"] == "1.11"
        assert FRIDAY <= utc(record["eventTime"]).date() < FRIDAY + timedelta(DAYS)
        assert record["eventSource"].endswith(".amazonaws.com")
        assert record["recipientAccountId"] in {"381946720554", "694017283341"}
        assert record["userIdentity"]["type"]
        assert isinstance(record["readOnly"], bool)
        assert record["managementEvent"] == (record["eventCategory"] == "Management")
        assert record["eventType"] in {"AwsApiCall", "AwsConsoleSignIn"}


def test_every_session_key_was_issued_or_is_older_than_the_month(attacked: Month) -> None:
    issued = {
        record["responseElements"]["credentials"]["accessKeyId"]
        for record in attacked.records
        if record["eventName"].startswith("AssumeRole")
    }
    for record in attacked.records:
        key = record["userIdentity"].get("accessKeyId", "")
        context = record["userIdentity"].get("sessionContext", {})
        born = context.get("attributes", {}).get("creationDate", "")
        by_itself = "invokedBy" in record["userIdentity"]
        if key.startswith("ASIA") and born > FRIDAY.isoformat() and not by_itself:
            assert key in issued or record["userIdentity"]["type"] == "IAMUser"


def test_a_few_records_come_twice_in_different_files(attacked: Month) -> None:
    where: dict[str, list[str]] = {}
    for file in trail_files(attacked.world):
        for record in unpacked(file)["Records"]:
            where.setdefault(record["eventID"], []).append(file.name)
    twice = {id_: files for id_, files in where.items() if len(files) > 1}
    assert len(twice) == attacked.world.copies > 0
    assert all(len(files) == len(set(files)) == 2 for files in twice.values())
    assert len(where) == attacked.world.records
    line_ids = [line["id"] for line in attacked.lines]
    assert len(line_ids) == len(set(line_ids)) == attacked.world.lines


def test_files_hold_what_arrived_together_in_no_order(attacked: Month) -> None:
    disordered = 0
    for file in trail_files(attacked.world):
        account, kind, region, stamp, rest = file.name.split("_")
        delivered = datetime.strptime(stamp, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
        place = f"AWSLogs/{account}/{kind}/{region}/{delivered:%Y/%m/%d}"
        assert str(file.parent.relative_to(attacked.world.logs)) == place
        assert re.fullmatch(r"\w{16}\.json\.gz", rest)
        records = unpacked(file)["Records"]
        times = [utc(record["eventTime"]) for record in records]
        disordered += times != sorted(times)
        assert max(times) < delivered
        assert {(r["recipientAccountId"], r["awsRegion"]) for r in records} == {(account, region)}
    assert disordered > len(trail_files(attacked.world)) / 2


def test_digests_and_an_insight_lie_in_the_tree(attacked: Month) -> None:
    logs = attacked.world.logs
    listed = {
        file["s3Object"]: file["hashValue"]
        for digest in logs.glob("AWSLogs/*/CloudTrail-Digest/**/*.json.gz")
        for file in unpacked(digest)["logFiles"]
    }
    for file in trail_files(attacked.world):
        body = gzip.decompress(file.read_bytes())
        assert listed.pop(str(file.relative_to(logs))) == hashlib.sha256(body).hexdigest()
    assert not listed
    (insight,) = logs.glob("AWSLogs/*/CloudTrail-Insight/**/*.json.gz")
    assert {r["eventCategory"] for r in unpacked(insight)["Records"]} == {"Insight"}


def test_weekends_are_quieter_and_israel_works_on_sunday(quiet: Month) -> None:
    at = {day: FRIDAY + timedelta(day) for day in range(DAYS)}
    lines = Counter(utc(line["time"]).date() for line in quiet.lines)
    assert lines[at[0]] > 3 * lines[at[1]]
    staff = {person.id: person for person in Company(1, FRIDAY, DAYS).staff}
    worked = Counter(
        (staff[line["actor"]].week.zone, utc(line["time"]).date())
        for line in quiet.lines
        if line["actor_kind"] == "staff" and line["action"] == "impersonate.start"
    )
    assert worked["Europe/Paris", at[0]] > 5 * worked["Asia/Jerusalem", at[0]]
    assert worked["Asia/Jerusalem", at[2]] > 5 * worked["Europe/Paris", at[2]]


def test_the_company_has_forty_customers_and_staff_in_two_countries() -> None:
    company = Company(1, START, 30)
    assert len(company.customers) >= 40
    assert {person.week.zone for person in company.staff} == {"Europe/Paris", "Asia/Jerusalem"}
    assert len({person.id for person in company.staff}) == len(company.staff)


def test_the_default_month_is_large_enough(quiet: Month) -> None:
    """A month's size follows from how busy its days are; three days of it are at hand."""
    company = Company(1, START, 30)

    def busy(first: date, days: int) -> float:
        return sum(
            share_of(customer, first + timedelta(n)) * len(customer.users) * EVENTS_PER_USER
            for customer in company.customers
            for n in range(days)
        )

    records = quiet.world.records + quiet.world.lines
    assert records * busy(START, 30) / busy(FRIDAY, DAYS) > 200_000


def test_scale_multiplies_traffic(quiet: Month, tmp_path: Path) -> None:
    day = generate(tmp_path, start=FRIDAY, days=1, scale=3, attacks=(), processes=1)
    same = replace(Company(1, FRIDAY, 1), scale=3.0)
    of_day = sum(utc(line["time"]).date() == FRIDAY for line in quiet.lines)
    assert 2 * of_day < day.lines < 4 * of_day
    assert day.truth.customers[0].recordings == same.stored_recordings(same.customers[0], FRIDAY)
