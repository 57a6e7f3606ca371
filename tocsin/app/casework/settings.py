"""What config.toml says of the operator, its team, its channels and its evidence."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from notifiers.email import EmailSettings
from notifiers.files import FilesSettings
from notifiers.telephony import PhoneSettings
from notifiers.webhook import WebhookSettings
from tocsin.paths import LocalPath


class Table(BaseModel):
    """A table of config.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _before(code: str) -> str:
    """Return the letter of a measure; one that the form has not is refused with all it has."""
    from incidents.documents import edpb  # noqa: PLC0415 - slow to load, and few settings need it

    codes = edpb.codes(edpb.BEFORE)
    if code not in codes:
        told = "; ".join(f"{letter} {words['en']}" for letter, words in codes.items())
        raise ValueError(f"no such letter of the authorities' form, which has {told}")
    return code


class ContactSettings(Table):
    """A person or desk that customers can ask.

    Attributes:
        name: Of the person or desk.
        function: By language, e.g. ``{ fr = "astreinte sécurité", en = "security on call" }``.
        email: Address.
        phone: International form.
        always: Answers day and night.
    """

    name: str
    function: dict[Literal["fr", "en"], str] = {}
    email: str
    phone: str
    always: bool = False


class OperatorSettings(Table):
    """``[operator]``: us, as documents name us.

    Attributes:
        name: As in the contracts.
        address: Postal, on one line.
        location: Where data lies, as documents say it.
        contact: Whom to call about a breach, day and night.
        dpo: The data protection officer; ``false`` where none is designated.
        key_in_contract: The annex of the contracts names the fingerprint of our signing key.
        measures_before: Protection there was before, by the letters of the authorities' form:
            EDPB field 75.
    """

    name: str = ""
    address: str = ""
    location: str = ""
    contact: ContactSettings | None = None
    dpo: ContactSettings | Literal[False] | None = None
    key_in_contract: bool = False
    measures_before: tuple[Annotated[str, AfterValidator(_before)], ...] = ()


class TeamSettings(Table):
    """``[team]``: who is told of incidents and reminded of clocks.

    Attributes:
        language: Of alerts and reminders.
        zone: In which they show instants, beside UTC.
        emails: Addresses.
        webhook: Whether the configured webhook is told as well.
        level: The least level of an incident that is told.
    """

    language: Literal["fr", "en"] = "en"
    zone: str = "UTC"
    emails: tuple[str, ...] = ()
    webhook: bool = False
    level: Literal["medium", "high", "critical"] = "medium"


class NotifierSettings(Table):
    """``[notifiers]``: the channels. ``files`` stands in for every channel that is not there.

    Attributes:
        email: The relay.
        phone: Twilio.
        webhook: A chat room.
        files: A folder that messages are written to.
        approvers: How many people have to approve a notice.
    """

    email: EmailSettings | None = None
    phone: PhoneSettings | None = None
    webhook: WebhookSettings | None = None
    files: FilesSettings | None = None
    approvers: Annotated[int, Field(ge=1, le=2)] = 1

    @property
    def has_phone(self) -> bool:
        """Whether calls can be made. A folder of files counts."""
        return self.phone is not None or self.files is not None


class EvidenceSettings(Table):
    """``[evidence]``: captured records, and the key that signs.

    Attributes:
        path: A folder on a local disk.
        key: The private key's file; made on first use, readable by us alone.
    """

    path: LocalPath = Path("tocsin-state/evidence")
    key: LocalPath = Path("tocsin-state/signing-key.pem")

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.key.is_relative_to(self.path):
            raise ValueError("the key must not lie in the evidence it signs")
        return self
