"""Messages into a folder: the embedded default, and what the demo uses.

A mail becomes ``KEY.eml``, the very bytes a relay would get; a call ``KEY.txt``, what would be
said; anything else ``KEY.json``. A file is whole or not there. Nobody is notified by a file, and
the outbox says no more than "accepted".
"""

import os
import secrets
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from pydantic import BaseModel

from notifiers.base import Channel, Dispatch, Line, News, Receipt
from notifiers.mail import Sender, compose
from notifiers.speech import spoken
from tocsin.errors import RetryLater
from tocsin.paths import LocalPath, make_private

SUFFIX = {Channel.EMAIL: ".eml", Channel.PHONE: ".txt", Channel.WEBHOOK: ".json"}


class FilesSettings(BaseModel, extra="forbid", frozen=True):
    """``[notifiers.files]`` in config.toml.

    Attributes:
        folder: Where the files go; made when it is not there.
        sender: Address the mails come from.
        sender_name: Shown beside it.
        operator: Our name, as a call says it.
    """

    folder: LocalPath
    sender: Line = "tocsin@localhost"
    sender_name: Line = ""
    operator: Line = "Tocsin"


class FilesNotifier:
    """Writes the messages of any channel into a folder."""

    def __init__(self, settings: FilesSettings) -> None:
        self._settings = settings

    def render(self, dispatch: Dispatch) -> bytes:
        """Return the file's content. See :class:`notifiers.base.Notifier`."""
        s, message = self._settings, dispatch.message
        if message.channel == Channel.EMAIL:
            return compose(message, Sender(s.sender, s.sender_name), dispatch.queued_at)
        if message.channel == Channel.PHONE:
            asked = (message.language, message.purpose)
            said = spoken(*asked, operator=s.operator, ahead=dispatch.ahead)
            return f"{message.to}\n\n{said}\n".encode()
        return message.model_dump_json(include={"to", "subject", "body_text"}, indent=2).encode()

    def send(self, dispatch: Dispatch) -> Receipt:
        """Write the file. See :class:`notifiers.base.Notifier`."""
        path = self.path(dispatch)
        new = path.with_name(f".{secrets.token_hex(8)}")
        try:
            make_private(path.parent)
            with new.open("xb") as file:
                file.write(dispatch.content)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
        except OSError as error:
            with suppress(OSError):
                new.unlink()
            raise RetryLater(
                f"{path.parent} cannot be written to: {error.strerror}",
                hint="Check the folder in [notifiers.files].",
            ) from None
        return Receipt(path.name, f"written to {path.name}")

    def look_up(self, dispatch: Dispatch, taken: Collection[str]) -> Receipt | None:  # noqa: ARG002
        """Look whether the file is there. See :class:`notifiers.base.Notifier`."""
        path = self.path(dispatch)
        return Receipt(path.name, f"found {path.name}") if path.is_file() else None

    def news(self, dispatch: Dispatch, provider_id: str) -> Sequence[News]:  # noqa: ARG002
        """Return nothing: nobody answers."""
        return ()

    def check(self) -> str:
        """Say whether the folder can be written to. See :class:`notifiers.base.Notifier`."""
        there = self._settings.folder.absolute()
        while not there.exists():
            there = there.parent
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise RetryLater(
                f"{there} cannot be written to", hint="Check the folder in [notifiers.files]."
            )
        return f"{self._settings.folder} can be written; nobody is notified by a file"

    def path(self, dispatch: Dispatch) -> Path:
        """Return where a message is written; every key has a name of its own."""
        message = dispatch.message
        name = quote(message.key, safe="+=")
        return self._settings.folder / f"{name}{SUFFIX[message.channel]}"
