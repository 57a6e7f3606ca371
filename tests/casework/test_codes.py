"""The code that acknowledges a notice: the same each time, and nobody's guess."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

from incidents import assessment
from tests.casework.office import NOW
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.filling import code
from tocsin.ledger.keys import open_key

At = Callable[..., Desk]


def test_a_code_needs_our_key(tmp_path: Path) -> None:
    ours, other = open_key(tmp_path / "ours.pem"), open_key(tmp_path / "other.pem")
    assert code(ours, 7, "c-1") == code(open_key(tmp_path / "ours.pem"), 7, "c-1")
    said = {code(key, 7, of, v) for key in (ours, other) for of in ("c-1", "c-2") for v in (1, 2)}
    assert len(said) == 8


def test_nothing_that_stands_in_a_notice_makes_another_customers_code(at: At) -> None:
    desk = at("judged")
    with desk.store.read() as db:
        key, case = desk.key(db), assessment.show(db, 1).case
    real = code(key, 1, "c-0002")
    for told in (
        f"1\0c-0002\0{case.opened_at.isoformat()}",
        f"tocsin acknowledgement code\0001\0c-0002\0{1}",
        f"{key.public.fingerprint}\0001\0c-0002",
        f"1\0c-0002\0{NOW.isoformat()}",
    ):
        letters = base64.b32encode(hashlib.sha256(told.encode()).digest()).decode()
        assert f"{letters[:4]}-{letters[4:8]}" != real
