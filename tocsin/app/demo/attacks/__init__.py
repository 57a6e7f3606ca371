"""The planted attacks: one module each, every one with its truth.

Nothing in the logs marks them. Their tools call themselves what honest tools do, their addresses
lie among other guests of the same networks, and their names are names.

To add one: write a module with ``plant(company) -> Planted`` and name it in ``ATTACKS``.
"""

from collections.abc import Callable, Mapping

from tocsin.app.demo.attacks import exposed_bucket, leaked_key, leaver, scraper, takeover
from tocsin.app.demo.attacks.scene import Planted
from tocsin.app.demo.company import Company

ATTACKS: Mapping[str, Callable[[Company], Planted]] = {
    "scraper": scraper.plant,
    "exposed-bucket": exposed_bucket.plant,
    "takeover": takeover.plant,
    "leaked-key": leaked_key.plant,
    "leaver": leaver.plant,
}
"""Id → what plants it, in the order of the default month."""
