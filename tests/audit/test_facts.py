from __future__ import annotations

import hashlib

import pytest

from clinic.audit.facts import GENESIS, chain, merkle_root

# Three hashes and their tree by hand, from RFC 6962: a node is SHA-256 of 01, left, right.
A, B, C = (hashlib.sha256(letter).hexdigest() for letter in (b"a", b"b", b"c"))


def node(left: str, right: str) -> str:
    return hashlib.sha256(bytes.fromhex("01" + left + right)).hexdigest()


def test_the_root_of_one_two_and_three_leaves() -> None:
    assert merkle_root([A]) == A
    assert merkle_root([A, B]) == node(A, B)
    assert merkle_root([A, B, C]) == node(node(A, B), C)


def test_order_counts() -> None:
    assert merkle_root([A, B]) != merkle_root([B, A])


def test_a_leaf_doubled_is_another_tree() -> None:
    """Carrying a lone node up, not doubling it, keeps (a, b, c) and (a, b, c, c) apart."""
    assert merkle_root([A, B, C]) != merkle_root([A, B, C, C])


def test_an_empty_seal_is_none() -> None:
    with pytest.raises(ValueError, match="at least one leaf"):
        merkle_root([])


def test_a_chain_depends_on_all_three_of_its_parts() -> None:
    links = {chain(GENESIS, A, 2), chain(A, A, 2), chain(GENESIS, B, 2), chain(GENESIS, A, 3)}
    assert len(links) == 4
