"""One HTTP request that knows how far it came, and writes no address anywhere.

Nothing is tried twice, no redirect is followed, certificates are checked, and nothing logs the URL
(urllib3's pool and client libraries do): a URL may be the secret itself.

Source: urllib3, "Connections"; RFC 9110, 15 (status codes).
"""

import ssl
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import Url, parse_url

from tocsin.errors import OutcomeUnknown, RetryLater

LONGEST_BODY = 4 * 1024 * 1024
LOOPBACK = ("127.0.0.1", "::1", "[::1]", "localhost")


class Answer(NamedTuple):
    """What came back.

    Attributes:
        status: The HTTP status.
        body: At most ``LONGEST_BODY`` bytes.
    """

    status: int
    body: bytes


def ask(
    name: str,
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str],
    timeout_s: float,
    ca_file: Path | None = None,
) -> Answer:
    """Send one request and return the answer.

    Args:
        name: What error texts call the other side.
        method: The HTTP method.
        url: Whole. It is in no error.
        body: What is sent.
        headers: Beside those HTTP asks for.
        timeout_s: For the connection, and for each wait for an answer.
        ca_file: Certificates to trust in place of the system's.

    Raises:
        RetryLater: There was no connection; nothing went out.
        OutcomeUnknown: It broke off later.
    """
    parts = parse_url(url)
    connection = _connected(name, parts, timeout_s, ca_file)
    try:
        connection.request(
            method, parts.request_uri, body=body, headers=dict(headers), preload_content=False
        )
        response = connection.getresponse()
        return Answer(response.status, response.read(LONGEST_BODY))
    except (HTTPError, HTTPException, OSError) as error:
        raise OutcomeUnknown(f"{name} went silent: {_what(error)}") from None
    finally:
        connection.close()


def reach(name: str, url: str, *, timeout_s: float, ca_file: Path | None = None) -> None:
    """Connect and say nothing: the other side is there and is who it says.

    Raises:
        RetryLater: It is not.
    """
    _connected(name, parse_url(url), timeout_s, ca_file).close()


def _connected(name: str, parts: Url, timeout_s: float, ca_file: Path | None) -> HTTPConnection:
    try:
        connection = _connection(parts, timeout_s, ca_file)
        connection.connect()
    except ssl.SSLCertVerificationError as error:
        raise RetryLater(
            f"{name} is not who it says: {error.verify_message}",
            hint="Check the address and the certificate.",
        ) from None
    except (HTTPError, OSError) as error:
        raise RetryLater(f"no connection to {name}: {_what(error)}") from None
    return connection


def _connection(parts: Url, timeout_s: float, ca_file: Path | None) -> HTTPConnection:
    host = (parts.host or "").strip("[]")
    if parts.scheme == "http":
        return HTTPConnection(host, parts.port, timeout=timeout_s)
    context = ssl.create_default_context(cafile=ca_file)
    return HTTPSConnection(host, parts.port, timeout=timeout_s, ssl_context=context)


def _what(error: Exception) -> str:
    """Return what went wrong, without the address that texts of errors like to hold."""
    cause = error.__cause__ or error.__context__
    for one in (error, cause):
        if isinstance(one, TimeoutError):
            return "timed out"
        if isinstance(one, OSError) and one.strerror:
            return one.strerror
    return type(error).__name__


def is_private_enough(url: str) -> bool:
    """Return whether a URL is https, or http to this machine."""
    try:
        parts = parse_url(url)
    except HTTPError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.host in LOOPBACK)
