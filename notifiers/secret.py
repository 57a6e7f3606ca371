"""Where a secret is read from: never the configuration file itself.

It is read when it is used, so a changed one counts without a restart.
"""

import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, SecretStr, model_validator

from tocsin.errors import RetryLater


class SecretFrom(BaseModel, extra="forbid", frozen=True):
    """E.g. ``password = { file = "/run/secrets/smtp" }`` in config.toml.

    Attributes:
        env: Name of an environment variable.
        file: Path of a file; a line break at its end does not count.
    """

    env: str = ""
    file: Path | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.env) == (self.file is not None):
            raise ValueError("name either env or file")
        return self

    def read(self) -> SecretStr:
        """Return the secret.

        Raises:
            RetryLater: It is not there, or empty: no message is to blame for that.
        """
        if self.file is None:
            value, place = os.environ.get(self.env, ""), f"the environment variable {self.env}"
        else:
            place = f"the file {self.file}"
            try:
                value = self.file.read_text().rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                what = error.strerror if isinstance(error, OSError) else "it is no text"
                raise RetryLater(
                    f"{place} cannot be read: {what}", hint="Put the secret there."
                ) from None
        if not value:
            raise RetryLater(f"{place} holds no secret", hint="Put the secret there.")
        return SecretStr(value)
