"""A bucket on a real server of this machine: listing by ledger, fetching, what it may refuse."""

import gzip
import pickle
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar

import boto3
import pytest
from moto.server import ThreadedMotoServer

from collectors.base import Needs, SourceObject
from collectors.s3 import S3, S3Settings, parse_s3_url
from tests.collectors.logs import NothingKnown, cloudtrail_record, trail
from tocsin.errors import CollectError, ConfigError
from tocsin.geo import Geo
from tocsin.model.rows import no_rules

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "audit-logs"
TREE = "AWSLogs/111122223333/CloudTrail/eu-west-3"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def bucket(server: str) -> Iterator["S3Client"]:
    client = boto3.client("s3", endpoint_url=server, region_name="eu-west-3")
    place = {"LocationConstraint": "eu-west-3"}
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)  # type: ignore[arg-type]
    yield client
    for found in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=found["Key"])
    client.delete_bucket(Bucket=BUCKET)


class Ledger:
    """Knows what was taken, as the store does."""

    def __init__(self) -> None:
        self.taken = set[SourceObject]()
        self.asked = list[str]()

    def unseen(self, found: Sequence[SourceObject]) -> Collection[SourceObject]:
        self.asked += [one.address for one in found]
        return [one for one in found if one not in self.taken]


class Calendar:
    """Says which day it is; a test turns its pages."""

    def __init__(self, day: date) -> None:
        self.day = day

    def __call__(self) -> date:
        return self.day


def source(server: str, day: Any = None, **settings: Any) -> S3:
    given = S3Settings(
        **{"bucket": BUCKET, "endpoint_url": server, "region": "eu-west-3"} | settings
    )
    return S3(given, Needs(), Geo(), day or Calendar(date(2026, 3, 10)))


def put(client: "S3Client", key: str, *numbers: int) -> None:
    text = gzip.compress(trail([cloudtrail_record(n) for n in numbers]))
    client.put_object(Bucket=BUCKET, Key=key, Body=text)


def take(s3: S3, ledger: Ledger) -> list[str]:
    """Find and read everything new, and return the ids of its events."""
    found = [one for page in s3.find(ledger) for one in page]
    batch = s3.read(found, no_rules)
    ledger.taken.update(one for one, _ in batch.objects)
    s3.confirm(batch)
    return sorted(batch.columns.event_ids(range(len(batch.columns))))


def ids(*numbers: int) -> list[str]:
    return [f"00000000-0000-4000-8000-{number:012}" for number in numbers]


def test_every_object_is_read_once(server: str, bucket: "S3Client") -> None:
    put(bucket, f"{TREE}/2026/03/09/b.json.gz", 1, 2)
    put(bucket, f"{TREE}/2026/03/10/a.json.gz", 3)
    s3, ledger = source(server), Ledger()
    assert take(s3, ledger) == ids(1, 2, 3)
    assert take(s3, ledger) == []
    assert take(source(server), ledger) == []  # nor after a restart


def test_an_object_delivered_late_under_an_earlier_key_is_found(
    server: str, bucket: "S3Client"
) -> None:
    put(bucket, f"{TREE}/2026/03/10/m.json.gz", 1)
    s3, ledger = source(server), Ledger()
    assert take(s3, ledger) == ids(1)
    put(bucket, f"{TREE}/2026/03/10/a.json.gz", 2)
    put(bucket, f"{TREE}/2026/03/08/z.json.gz", 3)
    assert take(s3, ledger) == ids(2, 3)


def test_between_whole_listings_only_recent_days_are_listed(
    server: str, bucket: "S3Client"
) -> None:
    for day in ("2026/02/01", "2026/03/06", "2026/03/07", "2026/03/10"):
        put(bucket, f"{TREE}/{day}/a.json.gz", 1)
    put(bucket, "AWSLogs/o-abcdefghij/111122223333/CloudTrail/us-east-1/2026/03/10/o.json.gz", 2)
    put(bucket, "crm/a.jsonl", 3)
    calendar = Calendar(date(2026, 3, 10))
    s3, ledger = source(server, calendar), Ledger()
    take(s3, ledger)
    ledger.asked.clear()
    take(s3, ledger)
    days = sorted(address.split("/", 3)[3] for address in ledger.asked)
    assert days == [
        f"{TREE}/2026/03/07/a.json.gz",
        f"{TREE}/2026/03/10/a.json.gz",
        "AWSLogs/o-abcdefghij/111122223333/CloudTrail/us-east-1/2026/03/10/o.json.gz",
        "crm/a.jsonl",
    ]
    put(bucket, f"{TREE}/2026/02/01/very-late.json.gz", 4)
    assert take(s3, ledger) == []
    calendar.day = date(2026, 3, 11)
    assert take(s3, ledger) == ids(4)


@pytest.mark.parametrize(
    "prefix",
    ["", "AWSLogs/", "AWSLogs/1111", "AWSLogs/111122223333/", f"{TREE}/", f"{TREE}/2026/03/", TREE],
)
def test_what_is_new_is_found_at_once_below_every_prefix(
    server: str, bucket: "S3Client", prefix: str
) -> None:
    put(bucket, f"{TREE}/2026/03/09/a.json.gz", 1)
    put(bucket, "AWSLogs/111122223333/Config/eu-west-3/2026/3/9/x.json.gz", 2)
    s3, ledger = source(server, prefix=prefix), Ledger()
    take(s3, ledger)
    put(bucket, f"{TREE}/2026/03/10/b.json.gz", 3)
    assert take(s3, ledger) == ids(3)


@pytest.mark.parametrize("prefix", ["", "AWSLogs/", "AWSLogs/111122223333/"])
def test_objects_beside_the_folders_of_a_tree_are_found_at_once(
    server: str, bucket: "S3Client", prefix: str
) -> None:
    put(bucket, f"{TREE}/2026/03/09/a.json.gz", 1)
    s3, ledger = source(server, prefix=prefix), Ledger()
    take(s3, ledger)
    beside = [
        "crm-2026-03-09.jsonl",
        "AWSLogs/loose.json.gz",
        "AWSLogs/111122223333/loose.json.gz",
        "AWSLogs/111122223333/CloudTrail/loose.json.gz",
        f"{TREE}/loose.json.gz",
    ]
    for number, key in enumerate(beside, 2):
        put(bucket, key, number)
    ledger.asked.clear()
    here = [number for number, key in enumerate(beside, 2) if key.startswith(prefix)]
    assert take(s3, ledger) == ids(*here)
    assert len(ledger.asked) == len(set(ledger.asked)), "each is listed once"


def test_digests_and_insights_are_taken_without_being_fetched(
    server: str, bucket: "S3Client"
) -> None:
    account = "AWSLogs/111122223333"
    put(bucket, f"{account}/CloudTrail-Digest/eu-west-3/2026/03/10/d.json.gz", 1)
    put(bucket, f"{account}/CloudTrail-Insight/eu-west-3/2026/03/10/i.json.gz", 2)
    put(bucket, f"{TREE}/2026/03/10/a.json.gz", 3)
    s3 = source(server)
    batch = s3.read([one for page in s3.find(NothingKnown()) for one in page], no_rules)
    assert sorted(state for _, state in batch.objects) == ["read", "skipped", "skipped"]
    assert batch.records == 1
    assert batch.rejects == ()


def test_an_object_gone_or_changed_meanwhile_is_missing(server: str, bucket: "S3Client") -> None:
    for name in "abc":
        put(bucket, f"{TREE}/2026/03/10/{name}.json.gz", ord(name))
    s3, ledger = source(server), Ledger()
    found = [one for page in s3.find(ledger) for one in page]
    bucket.delete_object(Bucket=BUCKET, Key=f"{TREE}/2026/03/10/a.json.gz")
    put(bucket, f"{TREE}/2026/03/10/b.json.gz", 40)
    batch = s3.read(found, no_rules)
    assert [state for _, state in batch.objects] == ["missing", "missing", "read"]
    assert "deleted after it was listed" in batch.rejects[0].reason
    assert "changed after it was listed" in batch.rejects[1].reason
    ledger.taken.update(one for one, _ in batch.objects)
    assert take(s3, ledger) == ids(40)  # the new version is another object to the ledger


def test_a_key_with_signs_in_it_is_read(server: str, bucket: "S3Client") -> None:
    put(bucket, "odd/a b+c%20é.json.gz", 1)
    assert take(source(server, prefix="odd/"), Ledger()) == ids(1)


def test_a_raw_record_is_found_again_by_its_address(server: str, bucket: "S3Client") -> None:
    put(bucket, f"{TREE}/2026/03/10/a.json.gz", 1, 2)
    s3 = source(server)
    batch = s3.read([one for page in s3.find(NothingKnown()) for one in page], no_rules)
    raw = batch.columns.event(1).raw
    assert raw == (f"s3://{BUCKET}/{TREE}/2026/03/10/a.json.gz", 1)


def test_a_collector_goes_to_another_process(server: str, bucket: "S3Client") -> None:
    put(bucket, "a.json.gz", 1)
    s3 = source(server)
    assert take(s3, Ledger()) == ids(1)  # it has a connection by now
    assert take(pickle.loads(pickle.dumps(s3)), Ledger()) == ids(1)


def test_a_bucket_that_is_not_there_is_an_error(server: str) -> None:
    with pytest.raises(CollectError) as raised:
        list(source(server, bucket="no-such-bucket").find(NothingKnown()))
    assert "NoSuchBucket" in str(raised.value)
    assert raised.value.hint == "Check the bucket's name."


def test_a_server_that_does_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(CollectError, match="cannot be reached"):
        list(source("http://127.0.0.1:9").find(NothingKnown()))


KEY = "arn:aws:kms:eu-west-3:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000"


class Refusing(BaseHTTPRequestHandler):
    """Answers every GET with the error that the key's name asks for."""

    answers: ClassVar[dict[str, tuple[int, str, str]]] = {
        "denied": (403, "AccessDenied", "Access Denied"),
        "kms": (403, "AccessDenied", f"not authorized to perform: kms:Decrypt on resource: {KEY}"),
        "disabled": (400, "KMS.DisabledException", f"{KEY} is disabled."),
        "archived": (403, "InvalidObjectState", "not valid for the object's storage class"),
    }

    def do_GET(self) -> None:
        status, code, text = self.answers.get(self.path.split("/")[-1], self.answers["denied"])
        body = f"<Error><Code>{code}</Code><Message>{text}</Message></Error>".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def refusing() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("denied", f"allow s3:GetObject on arn:aws:s3:::{BUCKET}/denied"),
        ("kms", f"allow kms:Decrypt on {KEY}"),
        ("disabled", f"allow kms:Decrypt on {KEY}"),
        ("archived", "archive class"),
    ],
)
def test_a_refused_object_says_which_permission_it_needs(
    refusing: str, name: str, reason: str
) -> None:
    batch = source(refusing).read([SourceObject(f"s3://{BUCKET}/{name}", "etag", 5)], no_rules)
    assert [state for _, state in batch.objects] == ["denied"]
    assert reason in batch.rejects[0].reason
    assert len(batch.columns) == 0


def test_a_refused_listing_says_which_permission_it_needs(refusing: str) -> None:
    with pytest.raises(CollectError) as raised:
        list(source(refusing).find(NothingKnown()))
    assert raised.value.hint == f"Allow s3:ListBucket on arn:aws:s3:::{BUCKET}."


def test_an_object_larger_than_the_cap_is_not_fetched(refusing: str) -> None:
    s3 = source(refusing, max_object_bytes=100)
    batch = s3.read([SourceObject(f"s3://{BUCKET}/denied", "etag", 101)], no_rules)
    assert [state for _, state in batch.objects] == ["broken"]
    assert "max_object_bytes" in batch.rejects[0].reason


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("s3://logs", ("logs", "")),
        ("s3://logs/", ("logs", "")),
        ("s3://logs.example/a/b c/", ("logs.example", "a/b c/")),
    ],
)
def test_an_address_of_a_bucket_is_taken_apart(url: str, parts: tuple[str, str]) -> None:
    assert parse_s3_url(url) == parts


@pytest.mark.parametrize("url", ["s3://", "s3:///a", "s3://UPPER/a", "https://logs/a", "logs"])
def test_what_is_no_address_of_a_bucket_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="is no bucket"):
        parse_s3_url(url)
