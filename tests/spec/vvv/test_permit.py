"""EIP-2612 permits of VVV, signed here with a key of ours and the digest made here."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from eth_abi.abi import encode
from eth_keys.datatypes import PrivateKey
from eth_utils.crypto import keccak

from spec.genesis import genesis
from spec.messages import Address, Call
from spec.world import World
from tests.spec.conftest import (
    EMPTY,
    MAX,
    NOW,
    STAKER,
    STAKING,
    STRANGER,
    VVV,
    ZERO,
    approval_log,
    assert_carried_out,
    assert_refused,
    call_of,
    calldata,
    minimal,
    put,
    run,
    selector,
    view,
    word,
)

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
KEY = PrivateKey(b"\x07" * 32)
SIGNER = Address(KEY.public_key.to_canonical_address())
OTHER_KEY = PrivateKey(b"\x08" * 32)
SIGNATURE = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"


class Domain(NamedTuple):
    name: str = "Venice Token"
    version: str = "1"
    chain_id: int = 8453
    contract: Address = VVV


ON_BASE = Domain()


def separator(domain: Domain) -> bytes:
    type_hash = keccak(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    hashes = [keccak(domain.name.encode()), keccak(domain.version.encode())]
    return keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [type_hash, *hashes, domain.chain_id, domain.contract],
        )
    )


class Permit(NamedTuple):
    """What is signed."""

    owner: Address = SIGNER
    spender: Address = STRANGER
    value: int = 55
    nonce: int = 0
    deadline: int = NOW

    def digest(self, domain: Domain) -> bytes:
        type_hash = keccak(b"Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")
        types = ["bytes32", "address", "address", "uint256", "uint256", "uint256"]
        return keccak(b"\x19\x01" + separator(domain) + keccak(encode(types, [type_hash, *self])))


class Signature(NamedTuple):
    v: int
    r: int
    s: int


def sign(permit: Permit, domain: Domain = ON_BASE, key: PrivateKey = KEY) -> Signature:
    signature = key.sign_msg_hash(permit.digest(domain))
    return Signature(signature.v + 27, signature.r, signature.s)


def brought(permit: Permit, signature: Signature, at: int = NOW, sender: Address = STAKER) -> Call:
    """Return the call that brings a permit, with its signature, to VVV."""
    v, r, s = signature
    return call_of(
        VVV, SIGNATURE, permit.owner, permit.spender, permit.value, permit.deadline, v, r.to_bytes(32, "big"),
        s.to_bytes(32, "big"), sender=sender, at=at,
    )  # fmt: skip


PERMIT = Permit()
SIGNED = sign(PERMIT)


def carried_out(world: World, call: Call, permit: Permit = PERMIT) -> None:
    assert_carried_out(
        world,
        call,
        logs=(approval_log(VVV, permit.owner, permit.spender, permit.value),),
        effects=(
            ("vvv.nonces", permit.owner, permit.nonce + 1),
            ("vvv.allowance", permit.owner, permit.spender, permit.value),
        ),
    )


def test_permit_sets_the_allowance_and_advances_the_nonce(world: World) -> None:
    carried_out(world, brought(PERMIT, SIGNED))
    assert view(world, VVV, "nonces(address)", SIGNER, returns="uint256") == 1
    assert view(world, VVV, "allowance(address,address)", SIGNER, STRANGER, returns="uint256") == 55


@pytest.mark.parametrize("sender", [SIGNER, STRANGER, ZERO, STAKING], ids=["owner", "spender", "zero", "staking"])
def test_anyone_may_bring_a_permit(world: World, sender: Address) -> None:
    carried_out(world, brought(PERMIT, SIGNED, sender=sender))


@pytest.mark.parametrize(
    "permit",
    [
        Permit(value=MAX),
        Permit(deadline=MAX),
        Permit(spender=ZERO),
        Permit(spender=SIGNER),
        Permit(deadline=NOW + 1),
    ],
)
def test_permit_is_for_any_spender_value_and_later_deadline(world: World, permit: Permit) -> None:
    carried_out(world, brought(permit, sign(permit)), permit)


def test_permit_replaces_an_allowance_and_may_withdraw_it(world: World) -> None:
    put(world, "vvv.allowance", SIGNER, STRANGER, 9)
    carried_out(world, brought(PERMIT, SIGNED))
    withdrawn = Permit(value=0, nonce=1)
    carried_out(world, brought(withdrawn, sign(withdrawn)), withdrawn)


def test_high_s_is_accepted(world: World) -> None:
    v, r, s = SIGNED
    assert s <= ORDER // 2
    carried_out(world, brought(PERMIT, Signature(55 - v, r, ORDER - s)))


def test_replay_is_refused_and_the_next_nonce_accepted(world: World) -> None:
    carried_out(world, brought(PERMIT, SIGNED))
    assert_refused(world, brought(PERMIT, SIGNED), "INVALID_SIGNER")
    carried_out(world, brought(Permit(nonce=1, value=4), sign(Permit(nonce=1, value=4))), Permit(nonce=1, value=4))
    assert word(world, "vvv.nonces", SIGNER) == 2


def test_replay_with_the_other_s_is_refused(world: World) -> None:
    v, r, s = SIGNED
    carried_out(world, brought(PERMIT, SIGNED))
    assert_refused(world, brought(PERMIT, Signature(55 - v, r, ORDER - s)), "INVALID_SIGNER")


def test_nonce_wraps_around_as_solmate_has_it(world: World) -> None:
    # Nobody lives to see it; the increment is unchecked.
    put(world, "vvv.nonces", SIGNER, MAX)
    permit = Permit(nonce=MAX)
    assert_carried_out(
        world,
        brought(permit, sign(permit)),
        logs=(approval_log(VVV, SIGNER, STRANGER, 55),),
        effects=(("vvv.nonces", SIGNER, 0), ("vvv.allowance", SIGNER, STRANGER, 55)),
    )


def test_deadline_itself_is_in_time_and_one_second_later_is_not(world: World) -> None:
    assert_refused(world, brought(PERMIT, SIGNED, at=NOW + 1), "PERMIT_DEADLINE_EXPIRED")
    carried_out(world, brought(PERMIT, SIGNED, at=NOW))


def test_expiry_is_checked_before_the_signature(world: World) -> None:
    assert_refused(world, brought(PERMIT, Signature(0, 0, 0), at=NOW + 1), "PERMIT_DEADLINE_EXPIRED")
    assert_refused(world, brought(PERMIT, Signature(0, 0, 0), at=NOW), "INVALID_SIGNER")


V, R, S = SIGNED


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(Signature(0, R, S), id="v-0"),
        pytest.param(Signature(1, R, S), id="v-1"),
        pytest.param(Signature(V - 27, R, S), id="v-less-27"),
        pytest.param(Signature(29, R, S), id="v-29"),
        pytest.param(Signature(55 - V, R, S), id="other-v"),
        pytest.param(Signature(V, 0, S), id="r-zero"),
        pytest.param(Signature(V, ORDER, S), id="r-n"),
        pytest.param(Signature(V, R, 0), id="s-zero"),
        pytest.param(Signature(V, R, ORDER), id="s-n"),
        pytest.param(Signature(V, 5, S), id="r-of-no-point"),
        pytest.param(Signature(V, R, ORDER - S), id="high-s-without-its-v"),
        pytest.param(Signature(V, R, S - 1), id="other-s"),
        pytest.param(sign(PERMIT, key=OTHER_KEY), id="another-signer"),
        pytest.param(sign(PERMIT, Domain(name="VVV")), id="another-name"),
        pytest.param(sign(PERMIT, Domain(version="2")), id="another-version"),
        pytest.param(sign(PERMIT, Domain(chain_id=1)), id="another-chain"),
        pytest.param(sign(PERMIT, Domain(contract=STAKING)), id="another-contract"),
        pytest.param(sign(PERMIT._replace(spender=STAKER)), id="another-spender"),
        pytest.param(sign(PERMIT._replace(value=56)), id="another-value"),
        pytest.param(sign(PERMIT._replace(nonce=1)), id="another-nonce"),
        pytest.param(sign(PERMIT._replace(deadline=NOW + 1)), id="another-deadline"),
    ],
)
def test_signature_that_is_not_the_owners_over_this_permit_is_refused(world: World, signature: Signature) -> None:
    assert_refused(world, brought(PERMIT, signature), "INVALID_SIGNER")
    carried_out(world, brought(PERMIT, SIGNED))


@pytest.mark.parametrize("signature", [Signature(0, R, S), Signature(27, 0, 0), Signature(27, 5, 1)])
def test_nobody_signs_for_the_zero_address(world: World, signature: Signature) -> None:
    assert_refused(world, brought(Permit(owner=ZERO), signature), "INVALID_SIGNER")


def test_v_of_more_than_8_bits_is_refused_with_empty_data(world: World) -> None:
    call = brought(PERMIT, SIGNED)
    position = 4 + 4 * 32
    for spoiled in (b"\x00" * 30 + b"\x01", b"\x80" + b"\x00" * 30):
        data = call.data[:position] + spoiled + call.data[position + 31 :]
        assert_refused(world, call._replace(data=data), EMPTY)


@pytest.mark.parametrize("chain_id", [8453, 1, 2**63])
def test_domain_separator_is_of_the_chain(chain_id: int) -> None:
    world = genesis(minimal().model_copy(update={"chain_id": chain_id}))
    expected: Any = separator(Domain(chain_id=chain_id))
    assert view(world, VVV, "DOMAIN_SEPARATOR()", returns="bytes32") == expected
    signature = sign(PERMIT, Domain(chain_id=chain_id))
    carried_out(world, brought(PERMIT, signature))


def test_permitted_spender_can_move_the_owners_vvv(world: World) -> None:
    run(world, VVV, "transfer(address,uint256)", SIGNER, 60, sender=STAKER)
    run(world, VVV, SIGNATURE, *PERMIT[:3], NOW, V, R.to_bytes(32, "big"), S.to_bytes(32, "big"))
    assert run(world, VVV, "transferFrom(address,address,uint256)", SIGNER, STAKER, 55, sender=STRANGER).status
    assert word(world, "vvv.balanceOf", SIGNER) == 5


def test_permit_is_reached_by_the_selector_of_eip_2612() -> None:
    assert selector(SIGNATURE).hex() == "d505accf"
    assert calldata("DOMAIN_SEPARATOR()").hex() == "3644e515"
