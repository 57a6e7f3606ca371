"""The company's trail: CloudTrail records, with the data events of its stores.

Source: Amazon S3 User Guide, "Amazon S3 CloudTrail events"; Amazon DynamoDB Developer Guide,
"Logging DynamoDB operations".
"""

from functools import lru_cache
from typing import Any

from tocsin.app.demo.identities import PROD, REGION, VAULT, Caller
from tocsin.app.demo.records import Fields, Records

RECORDINGS = "clochette-recordings-prod"
EXPORTS = "clochette-exports-prod"
LOGS = "clochette-audit-logs"
CONTACTS = f"arn:aws:dynamodb:{REGION}:{PROD}:table/contacts"


@lru_cache(maxsize=64)
def bucket_arn(bucket: str) -> Fields:
    """Return how a bucket stands among a record's resources."""
    owner = PROD if bucket != LOGS else VAULT
    return {"accountId": owner, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"}


class Trail(Records):
    """Gathers the records of one stream: calls, and what is done with objects and contacts."""

    def object(
        self,
        caller: Caller,
        at: int,
        name: str,
        bucket: str,
        key: str,
        *,
        sent: int = 0,
        got: int = 0,
        error: str = "",
        message: str = "",
        endpoint: str = "",
        asked: Fields | None = None,
    ) -> str:
        """Add a data event on an object: ``sent`` bytes went out to the caller, ``got`` came in."""
        dice = self.dice
        host = f"{bucket}.s3.{REGION}.amazonaws.com"
        write = name.startswith(("Put", "Delete", "Copy"))
        request: dict[str, Any] = {"bucketName": bucket, "Host": host, "key": key}
        additional: dict[str, Any] = {
            "SignatureVersion": "SigV4",
            "CipherSuite": "TLS_AES_128_GCM_SHA256",
            "bytesTransferredIn": got,
            "SSEApplied": "SSE_KMS",
            "AuthenticationMethod": "AuthHeader",
            "x-amz-id-2": dice.base64(75) + "=",
            "bytesTransferredOut": sent,
        }
        if caller.account == "anonymous":
            del additional["SignatureVersion"], additional["AuthenticationMethod"]
        if asked:
            request.update(asked)
        response = None
        if write and not error:
            response = {"x-amz-server-side-encryption": "aws:kms"}
        return self.call(
            caller,
            at,
            "s3",
            name,
            request,
            response=response,
            write=write,
            error=error,
            message=message,
            resources=(
                {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"},
                bucket_arn(bucket),
            ),
            additional=additional,
            request_id=dice.base32(16),
            data=True,
            host=host,
            endpoint=endpoint,
        )

    def listing(
        self, caller: Caller, at: int, bucket: str, prefix: str, *, sent: int, error: str = ""
    ) -> str:
        """Add a data event for listing a bucket below ``prefix``."""
        dice = self.dice
        host = f"{bucket}.s3.{REGION}.amazonaws.com"
        additional = {
            "SignatureVersion": "SigV4",
            "CipherSuite": "TLS_AES_128_GCM_SHA256",
            "bytesTransferredIn": 0,
            "AuthenticationMethod": "AuthHeader",
            "x-amz-id-2": dice.base64(75) + "=",
            "bytesTransferredOut": sent,
        }
        if caller.account == "anonymous":
            del additional["SignatureVersion"], additional["AuthenticationMethod"]
        request = {
            "list-type": "2",
            "bucketName": bucket,
            "encoding-type": "url",
            "prefix": prefix,
            "Host": host,
        }
        return self.call(
            caller,
            at,
            "s3",
            "ListObjects",
            request,
            error=error,
            message="Access Denied" if error else "",
            resources=(
                {"type": "AWS::S3::Object", "ARNPrefix": f"arn:aws:s3:::{bucket}/{prefix}"},
                bucket_arn(bucket),
            ),
            additional=additional,
            request_id=dice.base32(16),
            data=True,
            host=host,
        )

    def item(
        self, caller: Caller, at: int, name: str, customer: str, contact: str, *, endpoint: str = ""
    ) -> str:
        """Add a data event on one contact in the table of contacts."""
        request: dict[str, Any] = {
            "tableName": "contacts",
            "key": {"customer": customer, "contact": contact},
        }
        if name == "Query":
            request = {"tableName": "contacts", "indexName": "by-customer", "limit": 50}
        write = name == "UpdateItem"
        return self.call(
            caller,
            at,
            "dynamodb",
            name,
            request,
            write=write,
            resources=({"accountId": PROD, "type": "AWS::DynamoDB::Table", "ARN": CONTACTS},),
            request_id=self.dice.base32(52),
            data=True,
            endpoint=endpoint,
        )
