"""Merkle trees against the reference's vectors, and proofs by their law."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.ledger import merkle

LEAVES = [
    bytes.fromhex(text)
    for text in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]


@pytest.mark.parametrize(
    ("size", "root"),
    [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_roots_are_those_of_certificate_transparency(size: int, root: str) -> None:
    assert merkle.root(map(merkle.leaf, LEAVES[:size])).hex() == root


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
def test_a_proof_leads_its_own_leaf_to_the_root_and_no_other(
    contents: list[bytes], data: st.DataObject
) -> None:
    leaves = [merkle.leaf(one) for one in contents]
    root = merkle.root(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = merkle.proof(leaves, index)
    assert merkle.root_of(leaves[index], index, len(leaves), path) == root
    assert merkle.root_of(merkle.leaf(b"another"), index, len(leaves), path) != root
    assert merkle.root_of(leaves[index], len(leaves), len(leaves), path) is None
    assert merkle.root_of(leaves[index], index, len(leaves), [*path, root]) is None
    if path:
        assert merkle.root_of(leaves[index], index, len(leaves), path[:-1]) is None
