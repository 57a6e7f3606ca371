"""Twilio's calls, for tests: requests and answers are held against Twilio's own description.

A request that the description does not allow (a parameter it does not know, a wrong type, a missing
one) is answered 400 and kept in ``violations``, which must stay empty.

Source: ``twilio_calls.json`` (see ``reduce_description.py``); Twilio, "Call resource".
"""

import json
import re
import secrets
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

from tests.servers.web import Peer, Reply, Request

DESCRIPTION = json.loads(Path(__file__).with_name("twilio_calls.json").read_bytes())
ACCOUNT = f"AC{'a1' * 16}"
TOKEN = "twilio-geheim-4711"
ENDED = ("completed", "busy", "failed", "no-answer", "canceled")


class Person(NamedTuple):
    """Who is at the other end of a number.

    Attributes:
        status: How a call ends.
        answered_by: What the answering machine detection says, or None.
        keys: What is keyed in; ``code`` is the code that was said.
    """

    status: str = "completed"
    answered_by: str | None = "human"
    keys: str = ""


@dataclass
class Twilio(Peer):
    """The peer's levers, and what it did.

    Attributes:
        people: Who answers which number; everybody else is a person who keys in nothing.
        refused: Numbers that cannot be called: number → code of the error.
        calls: Every call, newest last, as Twilio tells it.
        twiml: What each call was to say.
        account: How the account stands.
        violations: Requests and answers that the description does not allow.
    """

    people: dict[str, Person] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    twiml: dict[str, str] = field(default_factory=dict)
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    account: str = "active"
    violations: list[str] = field(default_factory=list)
    clock: datetime = datetime(2026, 11, 24, 10, tzinfo=UTC)

    def reply(self, request: Request) -> Reply:
        path, _, query = request.target.partition("?")
        for pattern, verbs in DESCRIPTION["paths"].items():
            if names := _matched(pattern, path):
                return self._operation(request, verbs, names, query)
        return _error(404, 20404, "The requested resource was not found")

    def _operation(
        self, request: Request, verbs: Mapping[str, Any], names: Mapping[str, str], query: str
    ) -> Reply:
        if not _is_ours(request):
            return _error(401, 20003, "Authenticate")
        operation = verbs[request.method.lower()]
        form = parse_qs(request.body.decode(), keep_blank_values=True, strict_parsing=False)
        wrong = _parameters(operation, names, parse_qs(query, keep_blank_values=True))
        wrong += _form(operation, form)
        if wrong:
            self.violations += wrong
            return _error(400, 20001, "; ".join(wrong))
        answer: Reply = getattr(self, f"_{operation['operationId']}")(names, form, parse_qs(query))
        if answer.status < 400:
            content = operation["responses"][str(answer.status)]["content"]
            schema = content["application/json"]["schema"]
            self.violations += _value(schema, json.loads(answer.body), "answer")
        return answer

    def _FetchAccount(self, _: Any, __: Any, ___: Any) -> Reply:  # noqa: N802
        return Reply(200, json.dumps({"sid": ACCOUNT, "status": self.account}).encode())

    def _CreateCall(self, _: Any, form: Mapping[str, list[str]], __: Any) -> Reply:  # noqa: N802
        to = form["To"][0]
        if to in self.refused:
            code = self.refused[to]
            return _error(400, code, f"The number {to} cannot be called")
        sid = f"CA{secrets.token_hex(16)}"
        call: dict[str, Any] = {
            "sid": sid,
            "account_sid": ACCOUNT,
            "to": to,
            "from": form["From"][0],
            "status": "queued",
            "answered_by": None,
            "date_created": format_datetime(self.clock),
            "date_updated": format_datetime(self.clock),
            "start_time": None,
            "end_time": None,
            "duration": None,
            "direction": "outbound-api",
            "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{sid}.json",
            "subresource_uris": {},
        }
        self.calls.append(call)
        self.twiml[sid] = form["Twiml"][0]
        self.events[sid] = []
        return Reply(201, json.dumps(call).encode())

    def _FetchCall(self, names: Mapping[str, str], _: Any, __: Any) -> Reply:  # noqa: N802
        for call in self.calls:
            if call["sid"] == names["Sid"]:
                self._go_on(call)
                return Reply(200, json.dumps(call).encode())
        return _error(404, 20404, "The requested resource was not found")

    def _ListCall(self, _: Any, __: Any, query: Mapping[str, list[str]]) -> Reply:  # noqa: N802
        wanted = {name: query[key][0] for name, key in (("to", "To"), ("from", "From"))}
        found = [
            call
            for call in reversed(self.calls)
            if all(call[name] == value for name, value in wanted.items())
        ]
        return _page("calls", found)

    def _ListCallEvent(self, names: Mapping[str, str], _: Any, __: Any) -> Reply:  # noqa: N802
        return _page("events", self.events[names["CallSid"]])

    def _go_on(self, call: dict[str, Any]) -> None:
        """Let a call come one step further each time it is asked for."""
        if call["status"] in ENDED:
            return
        if call["status"] == "queued":
            call["status"] = "ringing"
            return
        person = self.people.get(call["to"], Person())
        call["status"] = person.status
        if person.status == "completed":
            call["answered_by"] = person.answered_by
            call["start_time"] = call["date_created"]
            call["end_time"] = format_datetime(
                parsedate_to_datetime(call["date_created"]).replace(second=59)
            )
            call["duration"] = "59"
            self._key_in(call["sid"], person.keys)

    def _key_in(self, sid: str, keys: str) -> None:
        gather = ET.fromstring(self.twiml[sid]).find("Gather")
        if gather is None or not keys:
            return
        said = " ".join(say.text or "" for say in gather.findall("Say"))
        code = "".join(re.findall(r"\d(?=\.)", said))
        digits = code if keys == "code" else keys
        asked = {"method": "POST", "url": gather.get("action"), "parameters": {"digits": digits}}
        self.events[sid].append({"request": asked, "response": {"response_code": 200}})


def _matched(pattern: str, path: str) -> dict[str, str] | None:
    names = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(pattern))
    found = re.fullmatch(names, path)
    return found.groupdict() if found else None


def _parameters(
    operation: Mapping[str, Any], path: Mapping[str, str], query: Mapping[str, list[str]]
) -> list[str]:
    known = {one["name"]: one for one in operation.get("parameters", [])}
    given = {**{name: [value] for name, value in path.items()}, **query}
    wrong = [f"parameter {name} is unknown" for name in given if name not in known]
    for name, one in known.items():
        if name in given:
            wrong += _text(one["schema"], given[name], f"parameter {name}")
        elif one.get("required"):
            wrong.append(f"parameter {name} is missing")
    return wrong


def _form(operation: Mapping[str, Any], form: Mapping[str, list[str]]) -> list[str]:
    if "requestBody" not in operation:
        return ["a body was sent"] if form else []
    schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    known = schema["properties"]
    wrong = [f"field {name} is missing" for name in schema.get("required", []) if name not in form]
    for name, values in form.items():
        if name not in known:
            wrong.append(f"field {name} is unknown")
        else:
            wrong += _text(known[name], values, f"field {name}")
    return wrong


def _text(schema: Mapping[str, Any], values: list[str], where: str) -> list[str]:
    """Hold form values, which are all text, against a schema."""
    schema = _resolved(schema)
    if schema["type"] == "array":
        return [fault for one in values for fault in _text(schema["items"], [one], where)]
    if len(values) != 1:
        return [f"{where} was given {len(values)} times"]
    (text,) = values
    match schema["type"]:
        case "integer" if not re.fullmatch(r"-?\d+", text):
            return [f"{where} is no integer: {text}"]
        case "boolean" if text not in ("true", "false"):
            return [f"{where} is no boolean: {text}"]
        case "integer":
            return _value(schema, int(text), where)
        case "boolean":
            return []
        case _:
            return _value(schema, text, where)


def _value(schema: Mapping[str, Any], value: Any, where: str) -> list[str]:
    """Hold a value against a schema; every property must be known to it."""
    schema = _resolved(schema)
    if value is None:
        return [] if schema.get("nullable") else [f"{where} is null"]
    types = {"string": str, "integer": int, "array": list, "object": dict}
    wanted = types.get(schema.get("type", ""), object)
    if not isinstance(value, wanted):
        return [f"{where} is no {schema['type']}: {value!r}"]
    if isinstance(value, list):
        return [fault for one in value for fault in _value(schema["items"], one, where)]
    if isinstance(value, dict) and "properties" in schema:
        wrong = [f"{where}.{name} is unknown" for name in value if name not in schema["properties"]]
        for name, one in schema["properties"].items():
            if name in value:
                wrong += _value(one, value[name], f"{where}.{name}")
        return wrong
    return _limits(schema, value, where)


def _limits(schema: Mapping[str, Any], value: Any, where: str) -> list[str]:
    text = str(value)
    right = (
        ("enum" not in schema or value in schema["enum"])
        and re.search(schema.get("pattern", ""), text) is not None
        and schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", 10**6)
        and (not isinstance(value, int) or value >= schema.get("minimum", value))
        and (not isinstance(value, int) or value <= schema.get("maximum", value))
        and _has_format(schema.get("format", ""), text)
    )
    return [] if right else [f"{where} is not as described: {text[:80]}"]


def _has_format(name: str, text: str) -> bool:
    match name:
        case "uri":
            return text.startswith("/") or bool(urlsplit(text).scheme and urlsplit(text).netloc)
        case "date-time-rfc-2822":
            return parsedate_to_datetime(text).tzinfo is not None
        case "phone-number" | "endpoint":
            return re.fullmatch(r"\+[1-9]\d{6,14}", text) is not None
        case "twiml":
            return len(text) <= 4000 and ET.fromstring(text).tag == "Response"
        case _:
            return True


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    resolved: Mapping[str, Any] = DESCRIPTION["components"]["schemas"][
        schema["$ref"].rpartition("/")[2]
    ]
    return resolved


def _page(name: str, found: list[dict[str, Any]]) -> Reply:
    body = {
        name: found,
        "page": 0,
        "page_size": 50,
        "start": 0,
        "end": max(len(found) - 1, 0),
        "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json?Page=0",
        "first_page_uri": f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json?Page=0",
        "next_page_uri": None,
        "previous_page_uri": None,
    }
    return Reply(200, json.dumps(body).encode())


def _is_ours(request: Request) -> bool:
    headers = {name.lower(): value for name, value in request.headers.items()}
    given = headers.get("authorization", "").removeprefix("Basic ")
    return b64decode(given).decode() == f"{ACCOUNT}:{TOKEN}"


def _error(status: int, code: int, said: str) -> Reply:
    more = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": said, "more_info": more, "status": status}
    return Reply(status, json.dumps(body).encode())
