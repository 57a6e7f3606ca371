"""Chance that repeats: every stream of the world draws from its own seeded generator.

A stream is named by its labels (``roll(seed, "support", day)``), so a day can be made without
the days before it, in any process, and adding one stream leaves all others as they were. That is
why the month with attacks and the month without differ in nothing but the attacks.
"""

import hashlib
import math
import random
from base64 import b64encode

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Dice(random.Random):
    """A seeded generator that also makes the ids and tokens found in logs."""

    def chance(self, share: float) -> bool:
        """Return True in ``share`` of the cases."""
        return self.random() < share

    def about(self, mean: float) -> int:
        """Return a whole number ≥ 0 whose average is ``mean``, spread by about a quarter."""
        return max(0, math.floor(self.gauss(mean, mean / 4) + self.random()))

    def uuid(self) -> str:
        """Return a random UUID, version 4."""
        h = f"{self.getrandbits(128):032x}"
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{'89ab'[self.getrandbits(2)]}{h[17:20]}-{h[20:]}"

    def hex(self, digits: int) -> str:
        """Return ``digits`` random hexadecimal digits."""
        return f"{self.getrandbits(4 * digits):0{digits}x}"

    def base32(self, length: int) -> str:
        """Return random capital letters and digits as in AWS's ids."""
        bits = self.getrandbits(5 * length)
        return "".join([BASE32[(bits >> shift) & 31] for shift in range(0, 5 * length, 5)])

    def base62(self, length: int) -> str:
        """Return random letters and digits."""
        return "".join(self.choices(BASE62, k=length))

    def base64(self, length: int) -> str:
        """Return ``length`` characters that look like base 64 without padding."""
        return b64encode(self.randbytes(length * 3 // 4 + 3)).decode()[:length]


def roll(*labels: object) -> Dice:
    """Return the generator that belongs to these labels; equal labels give equal draws."""
    text = "/".join(map(str, labels))
    return Dice(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big"))
