"""Whether what left is what was queued, and what was queued is what was approved, and to whom.

A bundle of the whole incident holds each message as it lay in the outbox, and each manifest. The
entry ``message.queued`` names the hash of the one, ``approval.given`` that of the other, and
``attempt.begun`` that of the bytes that left. So a recipient, number, text or attachment that was
altered between approval and delivery is found. A customer's bundle shows nothing of what colleagues
did: of its mails it is asked only whether they left.

Source: RFC 5322 and RFC 2045 (mail).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from typing import NamedTuple

import msgspec

from incidents.evidence.contents import Contents, Unreadable, decoded
from notifiers.mail import address_of
from tocsin.errors import Undeliverable

NOTICES, INDEX = "notices/", "notices/index.json"
KINDS = ("message.queued", "attempt.begun", "approval.given")


class _Fact(msgspec.Struct):
    """What the entries say that are looked at; one that names no hash has nothing to compare."""

    message: str = ""
    sha256: str | None = None
    manifest: str | None = None


class _File(msgspec.Struct):
    name: str
    sha256: str


class _Message(msgspec.Struct):
    """A message as it lay in the outbox."""

    key: str
    channel: str
    purpose: str
    to: str
    customer: str
    subject: str
    body_text: str
    body_html: str
    attachments: list[_File]


class _Call(msgspec.Struct):
    to: str


class _Listed(msgspec.Struct):
    customer: str
    to: list[str]
    files: dict[str, str]


class _Manifest(msgspec.Struct):
    notices: list[_Listed]


class _Told(NamedTuple):
    """What the entries say: by kind, those whose payload was not erased; and which were."""

    facts: Mapping[str, Sequence[tuple[int, _Fact]]]
    erased: frozenset[str]


def faults(bundle: Contents) -> Iterator[str]:
    """Yield what is not as it was queued or approved; what was erased says nothing any more."""
    told = _told(bundle)
    here = {
        sha256(bundle.read(name)).hexdigest(): name
        for name in bundle.names
        if name.startswith(NOTICES) and name != INDEX
    }
    left = {fact.sha256 for _, fact in told.facts["attempt.begun"]}
    for digest, name in sorted(here.items(), key=lambda item: item[1]):
        if name.endswith(".eml") and digest not in left and "attempt.begun" not in told.erased:
            yield f"{name}: no entry says that it left"
    if bundle.manifest().customer:
        return
    listed = list[_Listed]()
    for number, fact in told.facts["approval.given"]:
        if fact.manifest is None:
            continue
        if fact.manifest in here:
            name = here[fact.manifest]
            listed += decoded(name, bundle.read(name), _Manifest).notices
        else:
            yield f"{NOTICES}: the manifest approved in entry {number} is not here as it was then"
    queued = dict[str, tuple[int, _Message]]()
    for number, fact in told.facts["message.queued"]:
        if fact.sha256 is None:
            continue
        if fact.sha256 in here:
            name = here[fact.sha256]
            one = decoded(name, bundle.read(name), _Message)
            queued[fact.message] = number, one
            if one.purpose == "notice" and "approval.given" not in told.erased:
                yield from (f"{name}: {what}" for what in _unapproved(one, listed))
        else:
            yield f"{NOTICES}: message {fact.message} is not here as it was queued (entry {number})"
    for number, fact in told.facts["attempt.begun"]:
        if fact.sha256 is None:
            continue  # nothing left
        if fact.sha256 not in here:
            yield f"{NOTICES}: what left of message {fact.message} (entry {number}) is not here"
        elif fact.message in queued:
            name, (entry, one) = here[fact.sha256], queued[fact.message]
            for what in _unlike(one, name, bundle.read(name)):
                yield f"{name}: {what} is not as message {one.key} was queued (entry {entry})"


def _told(bundle: Contents) -> _Told:
    facts: dict[str, list[tuple[int, _Fact]]] = {kind: [] for kind in KINDS}
    erased = set[str]()
    for one in bundle.decisions():
        if one.kind not in facts:
            continue
        if one.fact is None:
            erased.add(one.kind)
            continue
        try:
            facts[one.kind].append((one.number, msgspec.convert(one.fact, _Fact)))
        except msgspec.ValidationError as error:
            raise Unreadable(f"entry {one.number} says what it cannot say: {error}") from error
    return _Told(facts, frozenset(erased))


def _unapproved(one: _Message, listed: Sequence[_Listed]) -> Iterator[str]:
    """Yield how a notice differs from every one that was approved for its customer."""
    theirs = [each for each in listed if each.customer == one.customer]
    addressed = [each for each in theirs if one.to in each.to]
    if not addressed:
        yield "no approved manifest names its recipient"
        return
    closest = min((list(_differing(one, each.files)) for each in addressed), key=len)
    if closest:
        yield f"{', '.join(closest)} is in no approved manifest"


def _differing(one: _Message, files: Mapping[str, str]) -> Iterator[str]:
    texts = {"subject.txt": one.subject, "body.txt": one.body_text, "body.html": one.body_html}
    for name, text in texts.items():
        # A subject is sent without the line end that its file has.
        forms = (text, f"{text}\n")
        if files.get(name) not in {sha256(form.encode()).hexdigest() for form in forms}:
            yield name
    for each in one.attachments:
        if files.get(each.name) != each.sha256:
            yield each.name
    sent = {each.name for each in one.attachments}
    yield from sorted(name for name in files if name.endswith(".pdf") and name not in sent)


def _unlike(one: _Message, name: str, content: bytes) -> Iterator[str]:
    """Yield what of the bytes that left is not as the message says."""
    if one.channel == "phone":
        if _number(name, content) != _digits(one.to):
            yield "its number"
    elif one.channel == "email":
        try:
            yield from _unlike_mail(one, content)
        except (LookupError, ValueError, AttributeError, TypeError, RecursionError) as error:
            raise Unreadable(f"{name}: is no mail that can be taken apart: {error}") from error


def _unlike_mail(one: _Message, content: bytes) -> Iterator[str]:
    mail: EmailMessage = message_from_bytes(content, policy=default)
    if [each.addr_spec for each in mail["To"].addresses] != [_address(one.to)]:
        yield "its recipient"
    if str(mail["Subject"]) != one.subject:
        yield "its subject"
    for kind, wanted in (("plain", one.body_text), ("html", one.body_html)):
        part = mail.get_body((kind,))
        if _text("" if part is None else part.get_content()) != _text(wanted):
            yield f"its text/{kind}"
    attached = [
        (each.get_filename(), sha256(each.get_content()).hexdigest())
        for each in mail.iter_attachments()
    ]
    if attached != [(each.name, each.sha256) for each in one.attachments]:
        yield "what is attached"


def _text(text: str) -> str:
    """Return a text without what a mail does to the ends of lines."""
    return text.replace("\r\n", "\n").rstrip("\n")


def _address(to: str) -> str:
    try:
        return address_of(to).addr_spec
    except Undeliverable:
        return to


def _number(name: str, content: bytes) -> str:
    """Return the number that was called: as a provider is told it, or in a file's first line."""
    if content.startswith(b"{"):
        return _digits(decoded(name, content, _Call).to)
    return _digits(content.partition(b"\n")[0].decode("ascii", "replace"))


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
