"""Where the numbers of an impact run come from is said as it is, of runs kept long ago as well."""

from datetime import date

import pytest

from incidents.impact import Range, ground

DAY = date(2026, 4, 7)
STOCK = "inventory of 2026-04-07: 2109"
BYTES = "bytes moved, 150 to 260 for a record"
SEVERAL = "a person may be in several records"

CASES = {
    "counted far below the inventory": (
        Range(98, 98, 98, f"98 objects named; {STOCK}"),
        ("counted", "counted", "counted", None),
    ),
    "people behind counted objects": (
        Range(1, 96, 98, f"98 objects named; {SEVERAL}; {STOCK}"),
        ("several", "expected", "records", None),
    ),
    "people who are named": (
        Range(3, 3, 3, f"3 people named in the records; {STOCK}"),
        ("distinct", "counted", "counted", None),
    ),
    "more bytes than there are records": (
        Range(1500, 2109, 2109, f"{BYTES}; {STOCK}"),
        ("volume", "inventory", "inventory", DAY),
    ),
    "bytes alone": (
        Range(10, 12, 17, BYTES),
        ("volume", "volume", "volume", None),
    ),
    "a whole store": (
        Range(0, 2109, 2109, f"a whole store; {STOCK}"),
        ("nothing", "inventory", "inventory", DAY),
    ),
    "two stores, one by the inventory": (
        Range(1500, 2109, 2110, f"{BYTES}; {STOCK}; 1 objects named; inventory of 2026-04-07: 40"),
        ("mixed", "inventory", "sum", DAY),
    ),
    "two stores, counted on different days": (
        Range(0, None, 2149, f"stood open; {STOCK}; inventory of 2026-03-01: 40"),
        ("nothing", None, "inventory", None),
    ),
    "nothing bounds it": (
        Range(1, None, None, "counts in the logs"),
        ("stated", None, None, None),
    ),
    "one record that states a number": (
        Range(6000, 6000, 6000, f"counts in the logs; {STOCK}"),
        ("stated", "stated", "stated", None),
    ),
    "several that do, and may be of the same records": (
        Range(400, 700, 1000, "counts in the logs"),
        ("stated", "expected", "stated", None),
    ),
    "objects beside a number that a record states": (
        Range(40, 52, 52, "12 objects named; counts in the logs"),
        ("stated", "sum", "sum", None),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_number_comes_from_where_its_basis_says(case: str) -> None:
    found, expected = CASES[case]
    assert ground(found) == expected
