"""A certificate authority of one test run, and a server's certificate for 127.0.0.1."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Certificates(NamedTuple):
    """Paths of PEM files.

    Attributes:
        authority: What a client has to trust.
        server: The server's certificate and key.
    """

    authority: Path
    server: Path

    def context(self) -> ssl.SSLContext:
        """Return what a server needs to speak TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server)
        return context


def make(folder: Path, address: str = "127.0.0.1") -> Certificates:
    """Write an authority and a certificate for an address."""
    now = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("Test CA", address)
    ]
    signed = []
    for number, is_authority in enumerate((True, False)):
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[number])
            .issuer_name(names[0])
            .public_key(keys[number].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if not is_authority:
            names_for = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
            builder = builder.add_extension(names_for, critical=False)
        signed.append(builder.sign(keys[0], hashes.SHA256()))
    pem = [one.public_bytes(serialization.Encoding.PEM) for one in signed]
    key = keys[1].private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    authority, server = folder / "authority.pem", folder / "server.pem"
    authority.write_bytes(pem[0])
    server.write_bytes(pem[1] + key)
    return Certificates(authority, server)
