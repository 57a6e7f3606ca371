"""``[grouping]`` in config.toml: windows, weights and thresholds of incidents."""

from datetime import timedelta
from typing import NamedTuple, Self

from pydantic import BaseModel, Field, model_validator


class Weights(NamedTuple):
    """What one finding of each level adds to the score of its incident."""

    informational: float = 0.0
    low: float = 4.0
    medium: float = 20.0
    high: float = 60.0
    critical: float = 120.0


class GroupingSettings(BaseModel, extra="forbid", frozen=True):
    """When findings are one incident, and how urgent it is.

    Attributes:
        window: Findings that share an identity and lie no further apart belong together.
        open_window: The same for an incident that is open already: attackers come back.
        medium_at: Score from which findings are an incident at medium, whatever their levels.
        high_at: Score from which an incident is high, if findings at medium or above about
            several tactics are in it.
        critical_at: The same for critical.
    """

    window: timedelta = Field(default=timedelta(hours=24), ge=timedelta(hours=24))
    open_window: timedelta = Field(default=timedelta(hours=72), ge=timedelta(hours=24))
    medium_at: float = Field(default=24.0, gt=0)
    high_at: float = Field(default=80.0, gt=0)
    critical_at: float = Field(default=260.0, gt=0)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if not self.medium_at <= self.high_at <= self.critical_at:
            raise ValueError("medium_at, high_at and critical_at must not fall in this order")
        return self
