"""Each category of a customer's data stands for itself: sure where it is proved, possible else."""

from incidents.impact import Reason, Standing
from tests.detectors.streams import OFFICE
from tests.incidents.archives import CUSTOMERS, MAP, House, fetch

LISTS = r"""
[[action]]
name = "listed"
source = "cloudtrail"
service = "s3"
actions = ["GetObject"]
resource = 'lists'
object = '(?P<customer>c-\d)/.*'
store = "database"
customer = "named"
effect = "read"
"""
CALLS, CONTACT = "telephone conversations", "contact"


def test_a_category_that_a_common_role_alone_ties_is_possible_beside_one_that_is_sure(
    house: House,
) -> None:
    house.take("".join(CUSTOMERS.format(n) for n in (1, 2, 3)), MAP + LISTS)
    bulk = [fetch(n, f"c-1/list-{n}.csv", resource="lists") for n in range(40)]
    honest = fetch(50, "c-1/4-1", credential="ASIAHONEST", ip=OFFICE)
    found = house.run(*bulk, honest).of("c-1")
    assert found is not None
    assert (found.standing, found.reason) == (Standing.CONFIRMED, Reason.TOUCHED)
    assert found.why == "Events of the attack touched data of this customer in database."
    by_name = {one.category: one for one in found.categories}
    contact, calls = by_name[CONTACT], by_name[CALLS]
    assert (contact.reason, contact.standing(found.standing)) == (
        Reason.TOUCHED,
        Standing.CONFIRMED,
    )
    assert (calls.reason, calls.standing(found.standing)) == (
        Reason.LOOSELY_TIED,
        Standing.POSSIBLE,
    )
    assert "nothing but a common role" in calls.why
    assert "recordings" in calls.why
    assert "database" not in calls.why
