"""Blocks are found wherever they are, and nothing that the sequencer did not seal is taken for one."""

from random import Random

from ledger.blocks import Block
from ledger.chain.carving import carve
from ledger.keys import SequencerKey
from tests.ledger.chain.conftest import KEY, STAKER, STRANGER, extended, genesis, mined, new_chain, transfer


def some_blocks() -> list[Block]:
    """Return blocks of all sizes that a list's length is written differently for."""
    chain = new_chain()
    made = [mined(chain), *extended(chain, 2)]
    many = [transfer(STAKER, nonce, 1) for nonce in range(2, 402)]
    return [*made, mined(chain, *many), mined(chain, transfer(STRANGER, 0, 0))]


def test_blocks_are_found_between_anything_else() -> None:
    choose = Random(1)  # noqa: S311
    blocks = some_blocks()
    # Beginnings of blocks, among others of one that reaches over the next.
    noise = [choose.randbytes(choose.randrange(100)) + b"\xf9\x05\x00\xf9\x02\x20\xa0" for _ in blocks]
    content = b"".join(before + block.encode() for before, block in zip(noise, blocks, strict=True))
    assert list(carve(content, KEY.address)) == blocks


def test_only_whole_blocks_by_the_sequencer_are_found() -> None:
    block = some_blocks()[1]
    encoded = block.encode()
    assert not list(carve(encoded[:-1], KEY.address))
    assert not list(carve(encoded, SequencerKey.from_secret(b"\x22" * 32).address))
    assert not list(carve(Block(genesis().header, ()).encode(), KEY.address))
    assert not list(carve(block._replace(transactions=()).encode(), KEY.address))
    for at in range(0, len(encoded), 7):
        changed = bytearray(encoded)
        changed[at] ^= 1
        assert not list(carve(bytes(changed), KEY.address))
