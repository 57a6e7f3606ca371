"""What is missing or old in the registers."""

from datetime import UTC, datetime
from pathlib import Path

from tocsin import registers
from tocsin.model.principals import Principal
from tocsin.registers.checks import gaps
from tocsin.store import Store

NOW = datetime(2026, 3, 9, 8, tzinfo=UTC)
TEXT = """
[[customer]]
id = "well"
name = "Well"
language = "fr"
time_zone = "Europe/Paris"
signed_on = 2024-02-01

[[customer]]
id = "silent"
name = "Silent"
language = "fr"
time_zone = "Europe/Paris"
signed_on = 2024-02-01

[[customer]]
id = "asked-long-ago"
name = "Long ago"
language = "en"
time_zone = "Europe/London"
signed_on = 2024-02-01

[[customer]]
id = "gone"
name = "Gone"
language = "en"
time_zone = "Europe/London"
signed_on = 2024-02-01
ends_on = 2026-03-08

[[contact]]
customer = "well"
role = "breach"
name = "Desk"
email = "a@well.example"
phone = "+33199001234"
verified_on = 2026-02-01

[[contact]]
customer = "asked-long-ago"
role = "breach"
name = "Desk"
email = "a@old.example"
phone = "+33199001234"
verified_on = 2025-02-01

[[inventory]]
store = "contacts"
customer = "well"
category = "contact"
records = 10
on = 2026-03-01

[[inventory]]
store = "recordings"
customer = "asked-long-ago"
category = "telephone conversations"
records = 10
on = 2025-12-01

[[exception]]
id = "old"
rule = "r"
field = "actor"
value = "a"
owner = "Claire"
reason = "test"
expires_on = 2026-03-08
"""


def test_what_is_missing_is_named_for_customers_under_contract(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "all.toml"
    path.write_text(TEXT)
    with store.begin() as db:
        diff = registers.plan_import(db, path)
        registers.take_import(db, diff, principal=Principal("shell", "alice"), now=NOW)
        found = gaps(db, now=NOW)
    assert [gap.text for gap in found] == [
        "customer silent has no breach contact",
        "no breach contact of customer asked-long-ago was verified in the last 6 months",
        "the inventory of store recordings is of 2025-12-01, 98 days old; 35 are allowed",
        "the inventory counts nothing of customer silent",
        "exception old expired on 2026-03-08",
    ]
    assert all(gap.hint for gap in found)
