"""Impact on generated months beside the truth: ``python bench/impact.py [SEED …]``."""

import sys
import tempfile
import time
from pathlib import Path

from incidents import impact
from tests.incidents.month import ALICE, TAKEN, read_month
from tocsin.app.demo.compare import compare
from tocsin.app.demo.compare_impact import compare as compare_impact

HEAD = (
    "seed attack          touched confirmed right possible missed counts inside seconds\n"
    "---- --------------- ------- --------- ----- -------- ------ ------ ------ -------"
)


def main(seeds: list[int]) -> None:
    """Print one line per attack and month."""
    print(HEAD)
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            month = read_month(Path(folder), seed=seed)
            for verdict in compare(month.world.truth, month.incidents):
                attack, incident = verdict.attack, verdict.incident
                if attack is None:
                    continue
                if incident is None:
                    print(f"{seed:4} {attack.id:15} not found")
                    continue
                began = time.perf_counter()
                with month.store.read() as db:
                    run = impact.compute(db, month.archive, incident, 1, principal=ALICE, now=TAKEN)
                took = time.perf_counter() - began
                found = compare_impact(attack, run)
                right = len(found.confirmed) - len(found.wrong)
                inside = sum(count.inside for count in found.counts)
                print(
                    f"{seed:4} {attack.id:15} {len(found.touched):7} {len(found.confirmed):9} "
                    f"{right:5} {len(found.possible):8} {len(found.missed):6} "
                    f"{len(found.counts):6} {inside:6} {took:7.2f}"
                )
            month.store.close()


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [1])
