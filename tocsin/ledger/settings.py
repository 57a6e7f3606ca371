"""Where the key is that signs the ledger."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class LedgerSettings(BaseModel):
    """``[ledger]`` in config.toml.

    Attributes:
        key: File of the Ed25519 key: outside the database, made on first use, readable for its
            owner only. Keep a copy where nobody who can write to the database can read it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Path = Path("ledger-key.pem")
