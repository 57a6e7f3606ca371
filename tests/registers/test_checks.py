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


def counted(customer: str, on: str, store: str = "contacts", category: str = "contact") -> str:
    return f"""
[[inventory]]
store = "{store}"
customer = "{customer}"
category = "{category}"
records = 0
on = {on}
"""


def customer(name: str, signed_on: str = "2024-02-01") -> str:
    return f"""
[[customer]]
id = "{name}"
name = "{name}"
language = "fr"
time_zone = "Europe/Paris"
signed_on = {signed_on}

[[contact]]
customer = "{name}"
role = "breach"
name = "Desk"
email = "a@x.example"
phone = "+33199001234"
verified_on = 2026-02-01
"""


def lacks(store: Store, tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "all.toml"
    path.write_text(text)
    with store.begin() as db:
        diff = registers.plan_import(db, path)
        registers.take_import(db, diff, principal=Principal("shell", "alice"), now=NOW)
        return [gap.text for gap in gaps(db, now=NOW)]


def test_a_customers_own_old_count_is_named_though_others_are_new(
    store: Store, tmp_path: Path
) -> None:
    text = customer("a") + customer("b") + customer("new", "2026-03-05") + customer("whole")
    text += counted("a", "2024-01-15") + counted("b", "2026-03-01")
    text += counted("new", "2026-03-01")
    text += counted("whole", "2026-03-01") + counted("whole", "2025-01-01", category="billing")
    (said,) = lacks(store, tmp_path, text)
    assert said.startswith("store contacts was counted more than 35 days ago, or before the ")
    assert said.endswith("contract, for 3 customers: a, new, whole")


def test_thousands_of_customers_are_one_line_with_a_few_of_them(
    store: Store, tmp_path: Path
) -> None:
    names = [f"c-{n:04}" for n in range(1_500)]
    text = "".join(map(customer, names)) + customer("z") + counted("z", "2026-03-01")
    (said,) = lacks(store, tmp_path, text)
    assert said.startswith("the inventory counts nothing of 1,500 customers: c-0000, c-0001, ")
    assert said.endswith("c-0004 and 1,495 more")
