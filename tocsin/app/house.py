"""Everything the service works with, opened once: state, archive, rules, collectors, desk."""

from datetime import datetime

from collectors.base import Collector
from detectors.sigma.load import RulePack
from detectors.sigma.match import Matcher
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.overtaken import Tried
from tocsin.app.config import Config
from tocsin.app.engine.choosing import choose
from tocsin.app.engine.following import Judge
from tocsin.app.engine.reading import HANDFUL_BYTES, Plan, collectors
from tocsin.app.engine.windows import MOST_ROWS
from tocsin.archive.archive import Archive
from tocsin.archive.ids import IdHours
from tocsin.geo import Geo


class House:
    """Everything a pass needs, opened once.

    Attributes:
        config: The configuration.
        store: The state.
        archive: The events.
        ids: Which events were judged.
        pack: The rules.
        measured: What each incident's impact was computed again of last.
    """

    def __init__(
        self,
        config: Config,
        *,
        processes: int = 1,
        handful_bytes: int = HANDFUL_BYTES,
        window_rows: int = MOST_ROWS,
    ) -> None:
        """Open state and archive; rules that cannot be used are left out.

        Args:
            config: The configuration.
            processes: How many may read at once.
            handful_bytes: Stored bytes that are read and committed together.
            window_rows: Events that are judged and committed together.

        Raises:
            ConfigError: A setting cannot work.
        """
        choice = choose(config)
        self.config, self.processes = config, processes
        self.handful_bytes, self.window_rows = handful_bytes, window_rows
        self.pack: RulePack = choice.load()
        self.archive = Archive(config.archive.path / "segments")
        self.ids = IdHours(config.archive.path / "ids")
        self.plan = Plan(
            sources=config.source,
            choice=choice,
            mmdb=config.geo.mmdb,
            folder=self.archive.folder,
            spool=False,
        )
        self.collectors: dict[str, Collector] = collectors(self.plan, Matcher(self.pack.rules))
        self.desk = Desk(config)
        self.store = self.desk.store
        self.measured: dict[int, Tried] = {}
        self.judge = Judge(self.pack.rules, Geo(config.geo.mmdb), config)

    def close(self) -> None:
        """Give the database back."""
        self.store.close()

    def sweep(self, now: datetime) -> None:
        """Remove files that a crash left without a row. Only while no other process writes."""
        with self.store.read() as db:
            self.archive.sweep(db, now)
            self.ids.sweep(db, now)
