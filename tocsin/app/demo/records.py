"""CloudTrail records as AWS writes them, and the list they are gathered in.

Fields stand in AWS's order. What repeats (identities, TLS details) is encoded once; the rest
is a plain dictionary. Every record gets the second at which it happened and the second at which
it is delivered: one to twelve minutes later, so neighbours change places.

Source: AWS CloudTrail User Guide, "CloudTrail record contents"; AWS CLI User Guide, the user agent.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from tocsin.app.demo.dice import Dice
from tocsin.app.demo.hours import stamp
from tocsin.app.demo.identities import GLOBAL, PROD, REGION, Caller

VERSION = "1.11"
GLOBAL_SERVICES = frozenset({"iam", "organizations", "cloudfront", "route53", "ce"})

LONGEST_DELAY_S = 720
_MEAN_DELAY_S = 150
_SHORTEST_DELAY_S = 45

encode = msgspec.json.Encoder().encode

Fields = Mapping[str, Any]


class Written(NamedTuple):
    """One record, ready for a file.

    Attributes:
        arrives: When CloudTrail delivers it, epoch seconds.
        account: The account it is delivered for.
        region: The region it is recorded in.
        at: When it happened, epoch seconds.
        id: Its ``eventID``.
        line: The record as JSON.
    """

    arrives: int
    account: str
    region: str
    at: int
    id: str
    line: bytes


@lru_cache(maxsize=512)
def _tls(host: str) -> msgspec.Raw:
    return msgspec.Raw(
        encode(
            {
                "tlsVersion": "TLSv1.3",
                "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": host,
            }
        )
    )


@lru_cache(maxsize=512)
def _command(service: str, name: str) -> str:
    """Return the command that makes the AWS CLI call an API: ``iam.list-users``, ``s3.cp``."""
    if service == "s3" and name in {"ListBuckets", "ListObjects"}:
        return "s3.ls"
    if service == "s3" and name in {"GetObject", "PutObject"}:
        return "s3.cp"
    kebab = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()
    return f"{'s3api' if service == 's3' else service}.{kebab}"


class Records:
    """Gathers the records of one stream.

    Attributes:
        records: What was gathered, in no order.
    """

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.records: list[Written] = []

    def call(
        self,
        caller: Caller,
        at: int,
        service: str,
        name: str,
        request: Fields | None = None,
        *,
        response: Any = None,
        write: bool = False,
        error: str = "",
        message: str = "",
        region: str = "",
        account: str = PROD,
        resources: Sequence[Fields] = (),
        additional: Fields | None = None,
        request_id: str = "",
        data: bool = False,
        kind: str = "AwsApiCall",
        host: str = "",
        shared: str = "",
        endpoint: str = "",
    ) -> str:
        """Add one record.

        Args:
            caller: Who calls.
            at: When, epoch seconds.
            service: ``s3`` stands for ``s3.amazonaws.com``.
            name: The API's name as CloudTrail writes it.
            request: ``requestParameters``.
            response: ``responseElements``.
            write: Whether it changes something.
            error: ``errorCode``.
            message: ``errorMessage``.
            region: Where it is recorded; by default the service's own place.
            account: The account that receives the record.
            resources: ``resources``.
            additional: ``additionalEventData``.
            request_id: ``requestID``; by default a new one.
            data: Whether it is a data event.
            kind: ``eventType``.
            host: Host the client asked for.
            shared: ``sharedEventID``.
            endpoint: ``vpcEndpointId``.

        Returns:
            The record's ``eventID``.
        """
        dice = self.dice
        region = region or (GLOBAL if service in GLOBAL_SERVICES else REGION)
        agent = caller.agent
        if "{" in agent:
            agent = agent.replace("{api}", f"{service}#1").replace(
                "{command}", _command(service, name)
            )
            agent = agent.replace("{sid}", dice.hex(12))
        event_id = dice.uuid()
        record: dict[str, Any] = {
            "eventVersion": VERSION,
            "userIdentity": caller.identity,
            "eventTime": stamp(at),
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "awsRegion": region,
            "sourceIPAddress": caller.ip,
            "userAgent": agent,
        }
        if error:
            record["errorCode"] = error
        if message:
            record["errorMessage"] = message
        record["requestParameters"] = request
        record["responseElements"] = response
        if additional is not None:
            record["additionalEventData"] = additional
        if kind != "AwsConsoleSignIn":
            record["requestID"] = request_id or dice.uuid()
        record["eventID"] = event_id
        record["readOnly"] = not write
        if resources:
            record["resources"] = resources
        record["eventType"] = kind
        record["managementEvent"] = not data
        record["recipientAccountId"] = account
        if shared:
            record["sharedEventID"] = shared
        if endpoint:
            record["vpcEndpointId"] = endpoint
            record["vpcEndpointAccountId"] = account
        record["eventCategory"] = "Data" if data else "Management"
        if caller.tls:
            record["tlsDetails"] = _tls(host or f"{service}.{region}.amazonaws.com")
        if caller.console and kind == "AwsApiCall":
            record["sessionCredentialFromConsole"] = "true"
        delay = min(LONGEST_DELAY_S, _SHORTEST_DELAY_S + int(dice.expovariate(1 / _MEAN_DELAY_S)))
        self.records.append(Written(at + delay, account, region, at, event_id, encode(record)))
        return event_id

    def denied(
        self,
        caller: Caller,
        at: int,
        service: str,
        name: str,
        on: str = "*",
        *,
        scp: bool = False,
        **kept: Any,
    ) -> str:
        """Add a call that was refused; ``on`` is the resource the message names.

        ``scp`` says that the organisation forbids it, whatever the caller's own policies allow.
        """
        because = f"because no identity-based policy allows the {service}:{name} action"
        if scp:
            because = "with an explicit deny in a service control policy"
        asked = f"{caller.arn} is not authorized to perform: {service}:{name}"
        message = f"User: {asked} on resource: {on} {because}"
        code = "Client.UnauthorizedOperation" if service == "ec2" else "AccessDenied"
        if service in {"secretsmanager", "kms", "cloudtrail", "dynamodb", "ce", "ssm"}:
            code = "AccessDeniedException"
        return self.call(caller, at, service, name, error=code, message=message, **kept)
