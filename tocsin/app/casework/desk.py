"""State, archive, key and channels, opened once: what every command on a case needs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection

from incidents import obligations
from incidents.obligations import Duties, Terms
from notifiers.base import Channel, Notifier
from notifiers.email import EmailNotifier
from notifiers.files import FilesNotifier
from notifiers.phone import PhoneNotifier
from notifiers.webhook import WebhookNotifier
from tocsin import registers
from tocsin.app.casework.settings import NotifierSettings
from tocsin.app.config import Config
from tocsin.archive.archive import Archive
from tocsin.ledger.keys import SigningKey
from tocsin.ledger.rotation import open_current
from tocsin.store import Store


class Desk:
    """Everything a command on a case needs.

    Attributes:
        config: The configuration.
        store: The state.
        archive: The events.
        law: Duties as dated configuration.
    """

    def __init__(self, config: Config) -> None:
        """Open the state.

        Raises:
            ConfigError: A setting cannot work.
        """
        self.config = config
        self.store = Store(config.store.path)
        self.archive = Archive(config.archive.path / "segments")
        self.law = obligations.load_law()

    def close(self) -> None:
        """Give the database back."""
        self.store.close()

    def duties(self, db: Connection) -> Duties:
        """Return what obligations are made of, by the registers as they are now."""
        terms = {one.id: Terms(one.contract.hours) for one in registers.customers(db).values()}
        config = self.config
        return Duties(self.law, terms, config.obligations, config.reminders)

    def key(self, db: Connection) -> SigningKey:
        """Return the key that signs; it is made on first use, and never where one was lost.

        Raises:
            ConfigError: The file cannot be used, e.g. others can read it, or it does not hold the
                key that the ledger knows.
            LedgerError: The history of the keys is broken.
        """
        return open_current(db, self.config.evidence.key)

    def notifiers(self) -> Mapping[Channel, Notifier]:
        """Return the channels that are configured; ``files`` stands in for those that are not."""
        files, found = self.config.notifiers.files, dict[Channel, Notifier]()
        if files is not None:
            found = dict.fromkeys(Channel, FilesNotifier(files))
        own = configured(self.config.notifiers)
        return found | {one: own[one.value] for one in Channel if one.value in own}


def configured(settings: NotifierSettings) -> dict[str, Notifier]:
    """Return what carries messages, by its name in ``[notifiers]``."""
    found = dict[str, Notifier]()
    if settings.email is not None:
        found["email"] = EmailNotifier(settings.email)
    if settings.phone is not None:
        found["phone"] = PhoneNotifier(settings.phone)
    if settings.webhook is not None:
        found["webhook"] = WebhookNotifier(settings.webhook)
    if settings.files is not None:
        found["files"] = FilesNotifier(settings.files)
    return found


@contextmanager
def opened(config: Config) -> Iterator[Desk]:
    """Yield a desk, and close it again."""
    desk = Desk(config)
    try:
        yield desk
    finally:
        desk.close()
