"""Every error this product raises on purpose.

    TocsinError
    ├── ConfigError            the operator's settings cannot work
    ├── CollectError           a source could not be read
    ├── RuleError              a rule file cannot be used
    ├── ArchiveError           a stored segment is missing or damaged
    ├── Refusal                the command would break a rule; nothing was changed
    ├── LedgerError            the evidence record is damaged or was altered
    └── DeliveryError          a message did not surely reach its recipient
        ├── RetryLater         refused for now; it may work if tried again
        ├── Undeliverable      refused for good, until a person changes something
        └── OutcomeUnknown     the call broke off; the message may have gone out

Code that handles errors asks for the type, never for the text. The text is for the person
on call: it says what failed, on what, and what to do, and it never holds a secret. One
unreadable record or file is no error of this kind: it is a ``Reject``, kept and counted, and
the rest goes on.
"""


class TocsinError(Exception):
    """Base of all errors raised on purpose.

    Attributes:
        hint: One sentence telling the operator what to do next, or "" when there is nothing.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(TocsinError):
    """The operator's settings cannot work."""


class CollectError(TocsinError):
    """A source could not be read."""


class RuleError(TocsinError):
    """A rule file cannot be used.

    Attributes:
        where: The file, and the line, test or selection in it, e.g. "a.yml, test 'own account'".
    """

    def __init__(self, message: str, *, where: str, hint: str = "") -> None:
        super().__init__(f"{where}: {message}", hint=hint)
        self.where = where


class ArchiveError(TocsinError):
    """A stored segment is missing or damaged."""


class LedgerError(TocsinError):
    """The evidence record is damaged or was altered."""


class Refusal(TocsinError):  # noqa: N818 - reads as what it is at the raise
    """A command would break one of our rules; nothing was changed."""


class DeliveryError(TocsinError):
    """A message did not surely reach its recipient."""


class RetryLater(DeliveryError):  # noqa: N818 - reads as what it is at the raise
    """Refused for now: nothing went out, and trying again may help."""


class Undeliverable(DeliveryError):  # noqa: N818 - reads as what it is at the raise
    """Refused for good: it will not work until a person changes something."""


class OutcomeUnknown(DeliveryError):  # noqa: N818 - reads as what it is at the raise
    """The call broke off after the message was under way: it may have gone out."""
