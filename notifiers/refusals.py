"""Whose matter it is that a relay refuses a recipient: the recipient's, or ours and the relay's.

A notice that fails at once is sent by nobody but a person, and one refusal that means our account
would fail every notice of a breach at once. So where a rule is the reason, a refusal is the
recipient's only on positive evidence: a status that says so, or words that do, with none beside
them that speak of us. All the rest is the relay's, which is tried again and is told to the team.

Source: RFC 3463 (status codes: X.1 the address, X.1.7 and X.1.8 the sender's, X.2 the mailbox, X.7
security or policy, X.7.1 also "per-host or per-recipient filtering"), RFC 7293 (X.7.17, X.7.18),
RFC 7372 (X.7.26); Microsoft, "Email non-delivery reports in Exchange Online" (5.7.12, 5.7.124,
5.7.133 to 5.7.136: who may write to this recipient; 5.7.232, 5.7.233: the sender's daily limits).
"""

import re

POLICY = "5.7."
"""How the statuses of a rule begin."""

OWN_ADDRESS = "(recipient)"
"""What stands in a reply where the relay repeated the recipient's address."""

_STATUS = re.compile(
    r"(?:<[^>]*>|\(recipient\)|[^\w<])*([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)", re.ASCII
)
"""The status at the beginning of a reply, behind signs and the address that is spoken of."""

_OF_RELAY = re.compile(
    r"relay|authenti|\bauth\b|log ?in\b|password|credential|sender|sending|\bto send\b|client|"
    r"\b(?:helo|ehlo|tls)\b|encrypt|\bspf\b|dkim|dmarc|spam|virus|reputation|policy|"
    r"(?:black|block|gr[ae]y) ?list|\brbl\b|dnsbl|\byour\b|tenant|subscription|\bplan\b|"
    r"suspend|quota|limit|exceed|too many|\brate\b|external|outbound|outgoing",
    re.IGNORECASE,
)
"""Words with which a relay speaks of us, of how much we send, or of mail in general."""

_PLACE = r"(?:user|recipient|mailbox|addressee|(?:recipient |e-?mail )?address)"
_OF_RECIPIENT = re.compile(
    r"recipient(?: address)? (?:was )?rejected"
    rf"|(?:unknown|invalid|no such|nonexistent|non-existent) {_PLACE}\b"
    rf"|\b{_PLACE}(?: is| was)? (?:unknown|not found|invalid)\b"
    rf"|\b{_PLACE} (?:does not|doesn't) exist"
    r"|\b(?:mailbox|recipient)(?: is| was| has been)? (?:closed|disabled|inactive|deleted)\b",
    re.IGNORECASE,
)
"""Words with which it says that whom the mail is for is not there, or takes none."""

_ADDRESS, _MAILBOX = "5.1.", "5.2."
_ABOUT_RELAY = ("5.1.7", "5.1.8", "5.7.0", "5.7.26", "5.7.232", "5.7.233")
_ABOUT_RECIPIENT = (
    *("5.7.2", "5.7.12", "5.7.17", "5.7.18"),
    *("5.7.124", "5.7.133", "5.7.134", "5.7.135", "5.7.136"),
)


def status_of(said: str) -> str:
    """Return the status at the beginning of a reply; "" where there is none."""
    found = _STATUS.match(said)
    return found[1] if found is not None else ""


def is_of_recipient(said: str) -> bool:
    """Return whether a refusal for good, given when the recipient was named, is the recipient's.

    A reply whose status is no rule's, or that has none, is the recipient's unless it speaks of us:
    most relays that say no more mean that.

    Args:
        said: The reply, with ``OWN_ADDRESS`` in the place of the recipient's address.
    """
    status = status_of(said)
    if status in _ABOUT_RELAY:
        return False
    if status in _ABOUT_RECIPIENT or status.startswith((_ADDRESS, _MAILBOX)):
        return True
    words = " ".join(re.sub(rf"<?{re.escape(OWN_ADDRESS)}>?", "", said).split())
    if _OF_RELAY.search(words):
        return False
    return not status.startswith(POLICY) or _OF_RECIPIENT.search(words) is not None
