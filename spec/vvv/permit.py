"""EIP-2612: an allowance granted by signature. Source: PROTOCOL 2; EIP-712, EIP-2612; solmate 6.8.0, grade A."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from spec import addresses
from spec.encoding import encode_word
from spec.erc20 import APPROVAL
from spec.errors import require, string_error
from spec.hashing import keccak256
from spec.messages import Address, Call
from spec.signatures import recover
from spec.uint256 import U256
from spec.vvv.contract import VVV

if TYPE_CHECKING:
    from spec.world import World

PERMIT_DEADLINE_EXPIRED: Final = string_error("PERMIT_DEADLINE_EXPIRED")
INVALID_SIGNER: Final = string_error("INVALID_SIGNER")

DOMAIN_TYPE: Final = keccak256(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
PERMIT_TYPE: Final = keccak256(b"Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")
DOMAIN_NAME: Final = "Venice Token"
DOMAIN_VERSION: Final = "1"


@VVV.external("permit(address owner,address spender,uint256 value,uint256 deadline,uint8 v,bytes32 r,bytes32 s)")
def permit(
    world: World, call: Call, owner: Address, spender: Address, value: U256, deadline: U256, v: U256, r: bytes, s: bytes
) -> None:
    """Allow ``spender`` to move ``value`` of ``owner``'s VVV, by the owner's signature; anyone may bring it.

    Reverts, in this order
    ----------------------
    PERMIT_DEADLINE_EXPIRED : ``deadline`` (s) is before ``call.timestamp``; the deadline itself is allowed.
    INVALID_SIGNER : the signature over this permit and the owner's present nonce is not the owner's.

    Storage
    -------
    nonces[owner]             : n |-> n + 1
    allowance[owner][spender] : a |-> value      (VVV base units)

    Emits : Approval(owner, spender, value).
    Rounding : none.
    Source : PROTOCOL 2, grade A.
    """
    require(deadline >= call.timestamp, PERMIT_DEADLINE_EXPIRED)
    nonce = world.vvv.nonces[owner]
    signer = recover(permit_digest(world.chain_id, owner, spender, value, nonce, deadline), v, r, s)
    require(signer == owner, INVALID_SIGNER)
    world.vvv.nonces[owner] = nonce.wrapping_add(1)
    world.vvv.allowance[owner].of[spender] = value
    world.emit(APPROVAL.log(addresses.VVV, owner, spender, value))


@VVV.view("DOMAIN_SEPARATOR()", returns="bytes32")
def domain_separator_view(world: World, call: Call) -> bytes:
    return domain_separator(world.chain_id)


@cache
def domain_separator(chain_id: int) -> bytes:
    """Return the EIP-712 domain separator of VVV on a chain (32 bytes)."""
    return keccak256(
        DOMAIN_TYPE
        + keccak256(DOMAIN_NAME.encode())
        + keccak256(DOMAIN_VERSION.encode())
        + encode_word(chain_id)
        + encode_word(addresses.VVV)
    )


def permit_digest(chain_id: int, owner: Address, spender: Address, value: int, nonce: int, deadline: int) -> bytes:
    """Return the 32-byte digest that ``owner`` signs: value in VVV base units, deadline in s."""
    permit_hash = keccak256(
        PERMIT_TYPE
        + encode_word(owner)
        + encode_word(spender)
        + encode_word(value)
        + encode_word(nonce)
        + encode_word(deadline)
    )
    return keccak256(b"\x19\x01" + domain_separator(chain_id) + permit_hash)
