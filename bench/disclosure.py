"""How the search for others' words grows with the number of customers and the length of a text.

Words are looked for at once, so the first ratio should stay near 1, however many customers;
no text is gone through more than a few times, however it is made, so the second should as well.

    python bench/disclosure.py
"""

import random
import string
import time

from incidents.disclosure import CUSTOMER, Names, Word

REPEAT = 3
CUSTOMERS = (8, 80, 800)
LENGTHS = (100_000, 200_000, 400_000)
SHAPES = {
    "one word": "a",
    "digits": "7",
    "dotted": "a.",
    "base64": "Zm9v\n",
    "addresses": "a@b.",
    "hosts": "10.0.0.1 ",
    "backslashes": "\\",
    "comments": "<!--",
    "tags": "<p style='url(",
    "encoded words": "=?a?q?",
    "headers": "A_B: c\n",
}
PDFS = {"streams": "stream\n", "strings": "(a\\", "names": "(/a)<AB"}
"""Parts of what begins as a PDF."""


def words(customers: int) -> list[Word]:
    """Return the words of so many customers: name, id and address of each."""
    chance = random.Random(1)  # noqa: S311 - made texts, no secrets
    some = ["".join(chance.choices(string.ascii_lowercase, k=7)) for _ in range(3_000)]
    return [
        Word(CUSTOMER, f"k-{number}", what, text, "")
        for number in range(customers)
        for what, text in (
            ("name", " ".join(chance.sample(some, 2)).title()),
            ("id", f"k-{number}"),
            ("address", f"sec@{number}.example"),
        )
    ]


def prose(length: int) -> str:
    """Return a text of ordinary words, of about so many characters."""
    chance = random.Random(2)  # noqa: S311 - made texts, no secrets
    return " ".join(chance.choices(["a", "of", "data", "record", "contact"], k=length // 5))


def seconds(names: Names, text: str) -> float:
    """Return how long one reader's search takes; the best of a few."""
    reader, found = names.reader("k-0"), list[float]()
    for _ in range(REPEAT):
        began = time.perf_counter()
        list(reader.all_in(text))
        found.append(time.perf_counter() - began)
    return min(found)


def in_file(names: Names, content: bytes) -> float:
    """Return how long one reader's search of a file takes; the best of a few."""
    reader, found = names.reader("k-0"), list[float]()
    for _ in range(REPEAT):
        began = time.perf_counter()
        list(reader.all_in_file("file", content))
        found.append(time.perf_counter() - began)
    return min(found)


def main() -> None:
    """Measure, and print two tables."""
    text = prose(LENGTHS[-1])
    print(f"{'customers':>10} {'ms':>8} {'ratio':>6}")
    first = 0.0
    for customers in CUSTOMERS:
        took = seconds(Names(words(customers)), text)
        first = first or took
        print(f"{customers:>10,} {1_000 * took:>8.1f} {took / first:>6.2f}")
    print(f"\n{'text':>13} {'length':>8} {'ms':>8} {'ratio a character':>18}")
    names = Names([*words(CUSTOMERS[-1]), Word(CUSTOMER, "k-0", "number", "+33199000001", "")])
    for begin, shapes in (("", SHAPES), ("%PDF", PDFS)):
        for shape, part in shapes.items():
            least = 0.0
            for length in LENGTHS:
                took = in_file(names, (begin + part * (length // len(part))).encode()) / length
                least = least or took
                ratio = f"{took / least:>18.2f}"
                print(f"{shape:>13} {length:>8,} {1_000 * took * length:>8.1f} {ratio}")


if __name__ == "__main__":
    main()
