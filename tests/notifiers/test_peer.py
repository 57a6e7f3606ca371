"""The judge judges: what Twilio's description does not allow is refused and remembered."""

from base64 import b64encode
from urllib.parse import urlencode

import pytest
import urllib3

from tests.servers.twilio_peer import ACCOUNT, TOKEN, Twilio

GOOD = {"To": "+33123456789", "From": "+33987654321", "Twiml": "<Response/>"}
CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"


def ask(twilio: Twilio, method: str, path: str, token: str = TOKEN, **form: str) -> int:
    login = b64encode(f"{ACCOUNT}:{token}".encode()).decode()
    body = urlencode(form) if method == "POST" else None
    return urllib3.request(
        method,
        f"{twilio.url}{path}",
        body=body,
        headers={"Authorization": f"Basic {login}"},
        retries=False,
    ).status


def test_what_is_described_is_taken(twilio: Twilio) -> None:
    assert ask(twilio, "POST", f"{CALLS}.json", **GOOD, Timeout="40") == 201
    sid = twilio.calls[0]["sid"]
    assert ask(twilio, "GET", f"{CALLS}/{sid}.json") == 200
    assert ask(twilio, "GET", f"{CALLS}/{sid}/Events.json?PageSize=50") == 200


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ({"From": "+33987654321"}, "field To is missing"),
        (GOOD | {"Twimll": "x"}, "field Twimll is unknown"),
        (GOOD | {"Timeout": "soon"}, "field Timeout is no integer"),
        (GOOD | {"Method": "PUT"}, "field Method is not as described"),
        (GOOD | {"Url": "no address"}, "field Url is not as described"),
        (GOOD | {"To": "0123"}, "field To is not as described"),
        (GOOD | {"ApplicationSid": "AP1"}, "field ApplicationSid is not as described"),
        (GOOD | {"Twiml": "<Dial/>"}, "field Twiml is not as described"),
    ],
)
def test_a_form_that_is_not_described_is_refused(
    form: dict[str, str], fault: str, twilio: Twilio
) -> None:
    assert ask(twilio, "POST", f"{CALLS}.json", **form) == 400
    assert len(twilio.violations) == 1
    assert twilio.violations.pop().startswith(fault)
    assert twilio.calls == []


def test_a_parameter_or_an_id_that_is_not_described_is_refused(twilio: Twilio) -> None:
    assert ask(twilio, "GET", f"{CALLS}/CA1.json") == 400
    assert ask(twilio, "GET", f"{CALLS}.json?To=%2B33123456789&Form=x") == 400
    assert [one.split(" is ")[0] for one in twilio.violations] == [
        "parameter Sid",
        "parameter Form",
    ]
    twilio.violations.clear()


def test_an_answer_that_is_not_described_is_remembered(twilio: Twilio) -> None:
    ask(twilio, "POST", f"{CALLS}.json", **GOOD)
    twilio.calls[0] |= {"status": "canceled", "colour": "red", "price": 5, "direction": None}
    twilio.calls[0] |= {"parent_call_sid": "CA1"}
    sid = twilio.calls[0]["sid"]
    ask(twilio, "GET", f"{CALLS}/{sid}.json")
    assert sorted(one.split(" is ")[0] for one in twilio.violations) == [
        "answer.colour",
        "answer.parent_call_sid",
        "answer.price",
    ]
    twilio.violations.clear()


def test_nobody_gets_in_without_the_token(twilio: Twilio) -> None:
    assert ask(twilio, "POST", f"{CALLS}.json", token="other", **GOOD) == 401
    assert twilio.calls == []
