"""What a stolen key did where its owner may have used it, and the data map does not know."""

from incidents.impact import ImpactRun
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, record
from tests.casework.test_overtaken import LATER, a_pass
from tocsin.app.casework import impact_view, measuring

ATHENA = {"eventSource": "athena.amazonaws.com", "eventName": "GetQueryResults"}


def test_a_store_that_its_owner_may_have_read_is_not_claimed_unread(at: Copy) -> None:
    desk = at("opened")
    # Somebody is at work at all hours, so that the logs have no gap.
    job = {"userIdentity": {"type": "IAMUser", "userName": "job", "accessKeyId": "AKIAJOB"}}
    ids = (f"20000000-0000-4000-8000-{hour:012x}" for hour in range(43))
    hours = [record(60 * h + 7, eventID=next(ids), **job) for h in range(-26, 17)]
    a_pass(desk, *hours)
    quiet = measuring.measure(desk, 1, principal=ALICE, now=LATER).run
    a_pass(desk, *[record(700 + n, **ATHENA) for n in range(5)], minutes=5)
    run = measuring.measure(desk, 1, principal=ALICE, now=LATER).run

    def claims(made: ImpactRun) -> list[bool | None]:
        three = made.of("c-3")
        assert three is not None
        return [one.accessed for one in three.negatives]

    assert (claims(quiet), claims(run)) == ([False], [None])
    assert [one.standing for one in run.customers] == [one.standing for one in quiet.customers]
    assert list(impact_view.unmapped(quiet)) == []
    said, act = impact_view.unmapped(run)
    assert said.startswith("5 acts that may be the attack's are not in the data map: ")
    assert act == (
        "  not in the data map: GetQueryResults of athena in cloudtrail "
        "(5 events, perhaps somebody else's)"
    )
