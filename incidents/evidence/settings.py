"""Where captured records are kept."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class EvidenceSettings(BaseModel):
    """``[evidence]`` in config.toml.

    Attributes:
        folder: Captured records, by their SHA-256. It holds personal data: back it up and protect
            it as the logs themselves.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path = Path("evidence")
