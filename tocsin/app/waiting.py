"""Progress on standard error, for a person at a terminal; nothing when there is none."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tocsin.app.engine.scanning import Progress

EVERY_S = 0.1


@contextmanager
def progress() -> Iterator[Progress]:
    """Yield what to tell how it goes on."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich import progress as bars  # noqa: PLC0415 - only a terminal shows it
    from rich.console import Console  # noqa: PLC0415 - the same

    columns = (
        bars.SpinnerColumn(),
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.TimeElapsedColumn(),
    )
    # It draws when it is told, not in a thread: what runs may want to fork.
    shown = bars.Progress(
        *columns, console=Console(stderr=True), transient=True, auto_refresh=False
    )
    tasks, last = dict[str, bars.TaskID](), 0.0

    def tell(what: str, done: int, total: int) -> None:
        nonlocal last
        if what not in tasks:
            tasks[what] = shown.add_task(what, total=total or None)
        elif done < total and time.monotonic() - last < EVERY_S:
            return
        last = time.monotonic()
        shown.update(tasks[what], completed=done, total=total or None, refresh=True)

    with shown:
        yield tell
