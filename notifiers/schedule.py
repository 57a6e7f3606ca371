"""When what did not go through is tried again, by class of failure, and when it is given up."""

from datetime import timedelta

from pydantic import BaseModel, Field


class Backoff(BaseModel, extra="forbid", frozen=True):
    """Waits that double from the first to the longest.

    Attributes:
        first: After the first attempt.
        longest: Never longer.
    """

    first: timedelta = Field(gt=timedelta(0))
    longest: timedelta = Field(gt=timedelta(0))

    def after(self, attempts: int) -> timedelta:
        """Return how long to wait after so many attempts."""
        doubled: int = 2 ** min(max(attempts, 1) - 1, 20)
        return min(self.first * doubled, self.longest)


class Schedule(BaseModel, extra="forbid", frozen=True):
    """When to try again, and how many at a time; the same for every installation.

    Attributes:
        busy: Refused for now.
        unknown: The call broke off; the wait also gives the other side time to list what it has.
        unreached: A call that reached nobody.
        calls: So many calls that reach nobody, then it is given up; the next step is a person's.
        give_up_after: Then a message that still waits has failed.
        read_back: So long a call's outcome is asked for.
        lanes: How many messages of one channel are under way at a time. Where there are several,
            one is kept for what was never tried.
    """

    busy: Backoff = Backoff(first=timedelta(seconds=30), longest=timedelta(minutes=15))
    unknown: Backoff = Backoff(first=timedelta(minutes=1), longest=timedelta(minutes=15))
    unreached: Backoff = Backoff(first=timedelta(minutes=5), longest=timedelta(minutes=30))
    calls: int = Field(default=6, ge=1)
    give_up_after: timedelta = Field(default=timedelta(days=5), gt=timedelta(0))
    read_back: timedelta = Field(default=timedelta(hours=4), gt=timedelta(0))
    lanes: int = Field(default=4, ge=1, le=32)


SCHEDULE = Schedule()
"""The default."""
