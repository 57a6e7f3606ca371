"""Servers that the channels speak to, each fresh for its test."""

from collections.abc import Iterator

import pytest

from tests.notifiers.support import HOOK_PATH, PASSWORD
from tests.servers import certificates, relay, twilio_peer, web


@pytest.fixture(name="relay")
def _relay() -> Iterator[relay.Relay]:
    with relay.running() as one:
        yield one


@pytest.fixture(name="twilio")
def _twilio(monkeypatch: pytest.MonkeyPatch) -> Iterator[twilio_peer.Twilio]:
    monkeypatch.setenv("TEST_TWILIO_TOKEN", twilio_peer.TOKEN)
    one = twilio_peer.Twilio()
    with web.running(one):
        yield one
    assert one.violations == []


@pytest.fixture(name="hook")
def _hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[web.Hook]:
    one = web.Hook()
    with web.running(one):
        monkeypatch.setenv("TEST_HOOK_URL", one.url + HOOK_PATH)
        yield one


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SMTP_PASSWORD", PASSWORD)


@pytest.fixture(scope="session", name="certificates")
def _certificates(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificates:
    return certificates.make(tmp_path_factory.mktemp("certificates"))
