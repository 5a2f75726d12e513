"""Chain vectors: what blocks can hold, how the head moves, and for each reason a block that is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final, NamedTuple

from conformance.one_root.traffic import Traffic
from conformance.vectors.candidates import BY_HAND
from conformance.vectors.chains.alterations import ALTERATIONS, ELSEWHERE, header
from conformance.vectors.chains.bad_transactions import BAD_TRANSACTIONS
from conformance.vectors.chains.story import ALICE, BOB, CAROL, KEY, Story, preset_of
from ledger.blocks import Block, Header, decode_block
from ledger.recursive_length_prefix import encode_bytes, encode_int, encode_list, split_list
from ledger.transactions import TransactionType
from spec import addresses
from spec.hashing import keccak256
from spec.messages import Address
from spec.uint256 import MAX_UINT256

TOKEN: Final = 10**18
NOBODY: Final = Address(keccak256(b"an account that nobody has used yet")[12:])


class Case(NamedTuple):
    """A story that becomes a vector."""

    tell: Callable[[], Story]
    description: str
    source: str
    generator: str = BY_HAND


# ------------------------------------------------------------------------------------------------------------ accepted


def _empty_blocks() -> Story:
    story = Story()
    story.imports(story.block(seconds=0))
    story.imports(story.block(seconds=0))
    story.imports(story.block(seconds=10**6))
    return story


def _transfers() -> Story:
    story = Story()
    send = story.transaction
    story.imports(story.block(send(ALICE.secret, NOBODY, value=7), send(ALICE.secret, NOBODY, b"\x01\x02", value=0)))
    story.imports(story.block(send(BOB.secret, BOB.address, value=5), send(BOB.secret, KEY.address, value=11)))
    balance = story.genesis.accounts[CAROL.address].balance
    story.imports(story.block(send(CAROL.secret, Address(bytes(20)), value=balance)))
    return story


def _types() -> Story:
    story = Story()
    access = [(addresses.STAKING, [bytes(32)]), (NOBODY, [])]
    for kind in TransactionType:
        fields = {} if kind is TransactionType.LEGACY else {"access_list": access}
        raw = story.call(ALICE.secret, "vvv.transfer", BOB.address, TOKEN, kind=kind, **fields)
        story.imports(story.block(raw))
    return story


def _no_gas() -> Story:
    story = Story()
    prices = {"max_fee_per_gas": 10**9, "max_priority_fee_per_gas": 10**8, "gas_limit": 0}
    story.imports(story.block(story.call(ALICE.secret, "vvv.transfer", BOB.address, TOKEN, **prices)))
    return story


def _largest_numbers() -> Story:
    story = Story()
    for kind in TransactionType:
        raw = story.transaction(ALICE.secret, BOB.address, kind=kind, gas_limit=2**64 - 1, max_fee_per_gas=2**256 - 1)
        story.imports(story.block(raw))
    return story


def _anybodys_signature() -> Story:
    """Nobody has the key of who has signed this, but somebody has: there is a point with the abscissa 1."""
    story = Story()
    items = split_list(story.transaction(BOB.secret, CAROL.address)[1:])[:-3]
    raw = b"\x02" + encode_list([*items, *map(encode_int, (0, 1, 1))])
    story.imports(story.block(raw))
    return story


def _refused_calls() -> Story:
    story = Story()
    call = story.call
    poor = call(BOB.secret, "vvv.transfer", ALICE.address, 10**6 * TOKEN)
    fine = call(BOB.secret, "vvv.transfer", ALICE.address, TOKEN)
    with_ether = call(BOB.secret, "vvv.transfer", ALICE.address, TOKEN, value=3)
    unknown = story.transaction(BOB.secret, addresses.DIEM, bytes.fromhex("01020304"))
    story.imports(story.block(poor, fine, with_ether, unknown))
    story.imports(story.block(call(BOB.secret, "vvv.transfer", ALICE.address, TOKEN)))
    return story


def _staking() -> Story:
    story = Story()
    secret = ALICE.secret

    def call(function: str, *arguments: int | Address) -> bytes:
        return story.call(secret, function, *arguments)

    approve = call("vvv.approve", addresses.STAKING, MAX_UINT256)
    story.imports(story.block(approve, call("staking.stake", ALICE.address, 500 * TOKEN)))
    story.imports(story.block(call("staking.mintDiem", 200 * TOKEN, 0), seconds=3600))
    story.imports(story.block(call("diem.stake", TOKEN // 100), call("staking.claim"), seconds=86_400))
    story.imports(story.block(call("diem.initiateUnstake", TOKEN // 100), call("diem.unstake"), seconds=60))
    story.imports(story.block(call("diem.unstake"), call("staking.burnDiem", TOKEN // 100), seconds=30))
    story.imports(story.block(call("staking.initiateUnstake", 100 * TOKEN)))
    story.imports(story.block(call("staking.finalizeUnstake"), seconds=60))
    return story


def traffic(preset: str, seed: str, blocks: int, most: int) -> Story:
    """Return a story of random transactions, at most ``most`` in each block."""
    story = Story(preset)
    for block in traffic_blocks(story, seed, blocks, most):
        story.imports(block)
    return story


def traffic_blocks(story: Story, seed: str, blocks: int, most: int) -> Iterator[Block]:
    """Yield blocks of random transactions, each of which has to be imported before the next."""
    made_up = Traffic(preset_of(story.preset), story.genesis, seed)
    for _ in range(blocks):
        block = made_up.next_block(most)
        yield story.block(*block.raw, seconds=block.timestamp - story.head.timestamp)


# ------------------------------------------------------------------------------------------------------------ the head


def _transfer(story: Story, value: int, on: Header | None = None, nonce: int = 0, seconds: int = 1) -> Block:
    raw = story.transaction(BOB.secret, CAROL.address, value=value, nonce=nonce)
    return story.block(raw, on=on, seconds=seconds)


def pay(story: Story, tokens: int, on: Header | None = None, nonce: int = 0) -> Block:
    """Return a block in which Alice pays VVV to Bob."""
    raw = story.call(ALICE.secret, "vvv.transfer", BOB.address, tokens * TOKEN, nonce=nonce)
    return story.block(raw, on=on)


def branch(story: Story, on: Header, length: int) -> list[Header]:
    """Import a branch, which does not move the head."""
    made: list[Header] = []
    for nonce in range(length):
        made.append(story.imports(pay(story, 5 + nonce, on=made[-1] if made else on, nonce=nonce)))
    return made


def _longer_branch_stays_aside() -> Story:
    story = Story()
    start = story.head
    story.imports(_transfer(story, 1))
    branch(story, start, 3)
    story.imports(_transfer(story, 2, nonce=1))
    return story


def _to_a_branch_and_on() -> Story:
    story = Story()
    start = story.imports(story.block())
    story.imports(pay(story, 1))
    story.imports(_transfer(story, 1))
    story.adopts(branch(story, start, 2)[-1])
    story.imports(_transfer(story, 3))
    return story


def _there_and_back() -> Story:
    story = Story()
    start = story.head
    first = [story.imports(pay(story, 1)), story.imports(_transfer(story, 1))]
    other = branch(story, start, 1)
    for target in (other[-1], first[-1], other[-1], first[-1]):
        story.adopts(target)
    story.imports(pay(story, 2, nonce=1))
    return story


def _to_a_shorter_branch() -> Story:
    story = Story()
    start = story.head
    for nonce in range(3):
        story.imports(pay(story, 1, nonce=nonce))
    story.adopts(branch(story, start, 1)[-1])
    return story


def _to_an_ancestor() -> Story:
    story = Story()
    start = story.head
    headers = [story.imports(pay(story, 1, nonce=nonce)) for nonce in range(3)]
    story.adopts(headers[0])
    story.adopts(headers[2])
    story.adopts(start)
    story.imports(pay(story, 9))
    return story


def _same_transaction_on_both() -> Story:
    story = Story()
    start = story.head
    raw = story.call(ALICE.secret, "vvv.transfer", BOB.address, TOKEN)
    story.imports(story.block(raw))
    other = story.imports(story.block(raw, on=start, seconds=2))
    story.adopts(other)
    return story


def _deep() -> Story:
    story = Story()
    start = story.head
    for nonce in range(8):
        story.imports(_transfer(story, 1, nonce=nonce))
    story.adopts(branch(story, start, 9)[-1])
    return story


def _known_blocks_again() -> Story:
    story = Story()
    blocks = [pay(story, 1)]
    story.imports(blocks[0])
    blocks.append(pay(story, 2, nonce=1))
    story.imports(blocks[1])
    for block in (*blocks, *blocks):
        story.offers(block.encode())
    story.asks_for(story.head.hash)
    return story


def _takes_back_the_first_use_of_an_account() -> Story:
    story = Story()
    start = story.head
    story.imports(story.block(story.transaction(ALICE.secret, NOBODY, value=7)))
    other = story.imports(story.block(on=start))
    story.adopts(other)
    return story


def _unknown_block() -> Story:
    story = Story()
    story.imports(pay(story, 1))
    story.asks_for(ELSEWHERE)
    story.imports(pay(story, 2, nonce=1))
    return story


def _refused_block_on_a_branch() -> Story:
    story = Story()
    start = story.head
    story.imports(pay(story, 1))
    right = pay(story, 2, on=start)
    _, altered = ALTERATIONS["state-root"]
    wrong = altered(right)
    story.offers(wrong)
    story.asks_for(_hash_of(wrong))
    story.adopts(story.imports(right))
    return story


def _child_of_a_refused_block() -> Story:
    story = Story()
    right = pay(story, 1)
    wrong = ALTERATIONS["state-root"][1](right)
    story.offers(wrong)
    child = pay(story, 2, nonce=0)
    story.offers(_on(child, _hash_of(wrong)))
    story.imports(right)
    return story


def _too_late_for_the_branch() -> Story:
    """A transaction of the head's chain is none of the branch's: there its nonce is too high."""
    story = Story()
    start = story.head
    story.imports(pay(story, 1))
    second = story.decoded(story.call(ALICE.secret, "vvv.transfer", BOB.address, TOKEN, nonce=1))
    story.offers(story.block_of([second._replace(nonce=0)], on=start, seconds=2).encode())
    story.imports(pay(story, 2, nonce=1))
    return story


def _hash_of(rlp: bytes) -> bytes:
    return decode_block(rlp).header.hash


def _on(block: Block, parent_hash: bytes) -> bytes:
    return header({"parentHash": encode_bytes(parent_hash), "number": encode_int(block.header.number + 1)})(block)


# ------------------------------------------------------------------------------------------------------------- refused


def _refused_block(name: str) -> Story:
    """The same block twice: altered, then as it should be."""
    story = Story()
    story.imports(story.block(story.call(ALICE.secret, "vvv.transfer", BOB.address, TOKEN)))
    right = story.block(story.call(ALICE.secret, "vvv.transfer", BOB.address, 2 * TOKEN))
    story.offers(ALTERATIONS[name][1](right))
    story.imports(right)
    return story


def _bad_transaction(name: str) -> Story:
    """A block with a transaction that cannot be in it, then one with a transaction that can."""
    story = Story()
    story.imports(story.block(story.transaction(BOB.secret, CAROL.address, value=5)))
    if name == "behind-a-right-one":
        story.imports(story.block(story.call(ALICE.secret, "vvv.transfer", BOB.address, TOKEN)))
    story.offers(story.block_of(BAD_TRANSACTIONS[name][1](story)).encode())
    story.imports(story.block(story.transaction(BOB.secret, CAROL.address, value=6)))
    return story


_BY_HAND: Final[Mapping[str, tuple[Callable[[], Story], str]]] = {
    "unlike-ethereum/a-block-at-the-time-of-its-parent": (_empty_blocks, "time may stand still between blocks"),
    "valid/transfers-of-ether": (_transfers, "ether to nobody yet, to oneself, to the sequencer; all of it, none"),
    "valid/types-of-transactions": (_types, "legacy, with an access list, with dynamic fees"),
    "unlike-ethereum/no-gas": (_no_gas, "gas is not counted and no fee taken, whatever a transaction offers"),
    "unlike-ethereum/largest-numbers": (_largest_numbers, "a fee of 2^256 - 1, a gas limit of 2^64 - 1"),
    "valid/r-and-s-of-one": (
        _anybodys_signature,
        "the smallest signature is one, of an account that nobody knew",
    ),
    "valid/calls-that-are-refused": (_refused_calls, "status 0: only the nonce counts; no ether is moved"),
    "valid/staking": (_staking, "stake, mint, stake the DIEM, claim, unstake over some days"),
    "head/a-longer-branch-stays-aside": (_longer_branch_stays_aside, "importing moves the head only from its parent"),
    "head/to-a-branch-and-on": (_to_a_branch_and_on, "two blocks are undone, two done, one is put on top"),
    "head/there-and-back": (_there_and_back, "what was undone is done again, twice"),
    "head/to-a-shorter-branch": (_to_a_shorter_branch, "the head may have a lower number than before"),
    "head/to-an-ancestor": (_to_an_ancestor, "undone without anything in its place, as far as the genesis"),
    "head/a-transaction-on-both-branches": (_same_transaction_on_both, "one transaction in two blocks"),
    "head/eight-blocks-deep": (_deep, "eight blocks undone, nine done"),
    "head/known-blocks-again": (_known_blocks_again, "a known block is fine, and does not move the head"),
    "head/an-account-is-gone-again": (_takes_back_the_first_use_of_an_account, "an account that was new is none"),
    "refused-head/a-block-that-nobody-knows": (_unknown_block, "it cannot be adopted"),
    "refused-head/a-refused-block": (_refused_block_on_a_branch, "a block that was refused is not known"),
    "refused-head/the-child-of-a-refused-block": (_child_of_a_refused_block, "its parent is not known"),
    "refused-head/a-nonce-of-the-other-branch": (_too_late_for_the_branch, "nonces count on each branch by itself"),
}

TRAFFIC: Final = {"minimal": 3, "launch": 1, "snapshot-2026-09-19": 1}
"""Preset |-> vectors of random transactions in the core set."""
BLOCKS: Final = 5
MOST: Final = 4
"""Transactions in a block of these."""


def chain_cases() -> Iterator[tuple[str, Case]]:
    """Yield (name, case) of the core set."""
    for name, (tell, description) in _BY_HAND.items():
        yield f"chain/{name}", Case(tell, description, "ledger/README.md")
    for preset, count in TRAFFIC.items():
        yield from traffic_cases(preset, range(count), BLOCKS, MOST)
    for name, (code, _) in ALTERATIONS.items():
        described = f"{code}: {name.replace('-', ' ')}"
        yield f"chain/refused-block/{name}", Case(partial(_refused_block, name), described, "ledger/blocks.py")
    for name, (why, _) in BAD_TRANSACTIONS.items():
        described = f"bad transaction: {why}: {name.replace('-', ' ')}"
        yield (
            f"chain/refused-transaction/{name}",
            Case(partial(_bad_transaction, name), described, "ledger/transactions.py"),
        )


def traffic_cases(preset: str, numbers: range, blocks: int, most: int) -> Iterator[tuple[str, Case]]:
    """Yield (name, case) of random transactions."""
    for number in numbers:
        seed = f"vectors/{preset}/{number}/{blocks}"
        tell = partial(traffic, preset, seed, blocks, most)
        description = f"{blocks} blocks of random transactions on {preset}"
        name = f"chain/random/{preset}-{blocks}-blocks-{number}"
        yield name, Case(tell, description, "PROTOCOL 2 to 6", f"generated with seed {seed}")
