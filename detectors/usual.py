"""What is usual for somebody: how much of something there was on earlier days.

What was done on as many as three days is a habit, however much it is: an alarm that comes every day
is read by nobody. One or two days are none, so a theft of yesterday excuses none of today.
"""

import msgspec

HABIT_DAYS = 3
"""So many days make a habit."""

REMEMBERED_DAYS = 45


class Past(msgspec.Struct):
    """How much there was on earlier days: day → amount, the earliest first."""

    days: dict[int, int] = {}

    def add(self, day: int, amount: int) -> None:
        """Write down what there was on a day."""
        self.days[day] = max(amount, self.days.get(day, 0))
        while len(self.days) > REMEMBERED_DAYS:
            del self.days[min(self.days)]

    def known(self, day: int) -> int:
        """Return on how many of the days remembered on ``day`` there was anything."""
        return len(self._before(day))

    def usual(self, day: int) -> int:
        """Return how much there was at least on several days; 0 if on too few."""
        amounts = sorted(self._before(day), reverse=True)
        return amounts[HABIT_DAYS - 1] if len(amounts) >= HABIT_DAYS else 0

    def most(self, day: int) -> int:
        """Return how much there was on any of the days remembered on ``day``; 0 if on none."""
        return max(self._before(day), default=0)

    def _before(self, day: int) -> list[int]:
        return [n for then, n in self.days.items() if day - REMEMBERED_DAYS <= then < day]
