"""Whether the mails in a bundle are those that left, and carry what was prepared and approved.

An entry is written before each attempt, with the hash of the bytes that leave; one when a notice is
prepared, with the hash of each of its files; one when its manifest is approved. A mail that left is
taken apart, and each part compared.

Source: RFC 2045 and RFC 2046 (parts of a mail).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256

import msgspec

from incidents.evidence.contents import DECISIONS, Contents, Decision, Unreadable

BEGUN = "attempt.begun"
PREPARED = {"notice.prepared", "approval.given"}
TO_CUSTOMERS = ("notice", "call")
NOTICES, INDEX = "notices/", "notices/index.json"


class _Said(msgspec.Struct, frozen=True):
    """What an entry of the kinds that are read here says, as far as it is read."""

    customer: str = ""
    manifest: str = ""
    files: dict[str, str] = {}
    channel: str = ""
    purpose: str = ""
    attempt: int = 0
    sha256: str | None = None


def faults(bundle: Contents) -> Iterator[str]:
    """Yield what of the mails is not as the entries say; what was erased says nothing any more.

    A customer's bundle says when its mails left. Who prepared and approved them are colleagues, of
    whom it says nothing, and a person may have left files out of it.
    """
    of_customer = bool(bundle.manifest().customer)
    prepared, approved = defaultdict[str, list[_Said]](list), set[str]()
    begun, erased = list[tuple[int, _Said]](), set[str]()
    for one in bundle.decisions():
        if one.kind not in (*PREPARED, BEGUN):
            continue
        if one.fact is None:
            erased.add(one.kind)
            continue
        fact = _said(one)
        if one.kind == BEGUN:
            if fact.sha256:
                begun.append((one.number, fact))
        elif fact.files:
            prepared[fact.customer].append(fact)
        else:
            approved.add(fact.manifest)
    says_nothing = of_customer or bool(PREPARED & erased)
    known = {digest for each in prepared.values() for one in each for digest in one.files.values()}
    here = {
        sha256(bundle.read(name)).hexdigest(): name
        for name in bundle.names
        if name.startswith(NOTICES) and name != INDEX
    }
    for number, tried in begun:
        name = here.get(tried.sha256 or "")
        if name is None and tried.purpose in TO_CUSTOMERS and not of_customer:
            yield f"{NOTICES}: what left in attempt {tried.attempt} (entry {number}) is not here"
        is_letter = (tried.purpose, tried.channel) == ("notice", "email")
        if name is not None and is_letter and not says_nothing:
            yield from _unlike(name, bundle.read(name), prepared[tried.customer], approved)
    left = {tried.sha256 for _, tried in begun}
    for digest, name in sorted(here.items(), key=lambda item: item[1]):
        if name.endswith(".eml") and digest not in left and BEGUN not in erased:
            yield f"{name}: no entry says that it left"
        if name.endswith((".pdf", ".html")) and digest not in known and not says_nothing:
            yield f"{name}: no entry says that it was prepared"


def _said(one: Decision) -> _Said:
    try:
        return msgspec.convert(one.fact, _Said)
    except msgspec.ValidationError as error:
        raise Unreadable(f"{DECISIONS}: entry {one.number}: {error}") from None


def _unlike(
    name: str, content: bytes, prepared: Sequence[_Said], approved: set[str]
) -> Iterator[str]:
    """Yield how a mail differs from each notice that was prepared for its customer."""
    try:
        parts = _parts(content)
    except (MessageError, LookupError, UnicodeDecodeError, ValueError, AttributeError) as error:
        yield f"{name}: is no mail that can be taken apart: {error}"
        return
    closest: list[str] | None = None
    for one in prepared:
        differ = [part for part, said in parts.items() if one.files.get(part) not in said]
        if not differ:
            if one.manifest not in approved:
                yield f"{name}: what it carries was prepared and not approved"
            return
        closest = differ if closest is None or len(differ) < len(closest) else closest
    if closest is None:
        yield f"{name}: no entry says that a notice was prepared for its customer"
    else:
        yield f"{name}: carries what was not prepared: {', '.join(closest)}"


def _parts(content: bytes) -> dict[str, frozenset[str]]:
    """Return the parts of a mail by the names of their files, each with hashes it may have.

    A mail ends lines in its own way, and its last one always.
    """
    mail: EmailMessage = message_from_bytes(content, policy=default)
    texts = {"subject.txt": str(mail["Subject"])}
    for kind, name in (("plain", "body.txt"), ("html", "body.html")):
        body = mail.get_body((kind,))
        if body is None:
            raise ValueError(f"it has no text/{kind}")
        texts[name] = body.get_content()
    found = {name: _hashes(text) for name, text in texts.items()}
    for one in mail.iter_attachments():
        digest = sha256(one.get_content()).hexdigest()
        found[one.get_filename() or "an attachment without a name"] = frozenset({digest})
    return found


def _hashes(text: str) -> frozenset[str]:
    plain = text.replace("\r\n", "\n")
    forms = (text, plain, plain.removesuffix("\n"), f"{plain}\n")
    return frozenset(sha256(one.encode()).hexdigest() for one in forms)
