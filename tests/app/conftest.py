"""A small generated company, and log files of a few records."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tocsin.app.demo.generate import World, generate

DEMO = Path(__file__).parents[2] / "tocsin" / "app" / "demo" / "config.toml"


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Four days with every attack: some 20,000 events in some 900 files."""
    return generate(tmp_path_factory.mktemp("world"), days=4, scale=0.05, processes=1)


@pytest.fixture(scope="session")
def demo_config() -> Path:
    return DEMO


def _record(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "arn": "arn:aws:iam::111122223333:user/alice",
            "accountId": "111122223333",
            "userName": "alice",
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
        },
        "eventTime": f"2026-03-09T10:{number // 60:02}:{number % 60:02}Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "ListBuckets",
        "awsRegion": "eu-west-3",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.15.0",
        "requestParameters": None,
        "responseElements": None,
        "eventID": f"00000000-0000-4000-8000-{number:012x}",
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
        **fields,
    }


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of CloudTrail records, each given by the fields that matter."""

    def write(*records: dict[str, Any], name: str = "a.json.gz") -> Path:
        path = tmp_path / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = [_record(number, **fields) for number, fields in enumerate(records)]
        path.write_bytes(gzip.compress(json.dumps({"Records": whole}).encode()))
        return path

    return write


@pytest.fixture
def config_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a configuration with everything below the test's folder."""

    def write(logs: Path, *, lateness: str = "PT15M", extra: str = "") -> Path:
        mappings = DEMO.read_text()
        mapping = mappings[mappings.index("[[source") : mappings.index("[contract]")]
        path = tmp_path / "config.toml"
        path.write_text(
            f'[source.logs]\ntype = "files"\npaths = ["{logs}"]\n{mapping}\n'
            f'[store]\npath = "{tmp_path}/state/state.sqlite"\n'
            f'[archive]\npath = "{tmp_path}/state/archive"\n'
            f'[evidence]\npath = "{tmp_path}/state/evidence"\nkey = "{tmp_path}/state/key.pem"\n'
            f'[follow]\nlateness = "{lateness}"\n{extra}'
        )
        return path

    return write
