"""Crash vectors: a client that ends without notice has all that it acknowledged, and of the rest all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from conformance.vectors.chains.chain_cases import Case, branch, pay, traffic_blocks
from conformance.vectors.chains.steps import Cut
from conformance.vectors.chains.story import Story
from ledger.blocks import Block


def _after_each_block() -> Story:
    story = Story()
    story.crashes()
    for block in traffic_blocks(story, "vectors/crash", 3, 3):
        story.imports(block)
        story.crashes()
    return story


def _after_many_blocks() -> Story:
    story = Story()
    for nonce in range(6):
        story.imports(pay(story, 1 + nonce, nonce=nonce))
    story.crashes()
    story.crashes()
    story.imports(pay(story, 9, nonce=6))
    return story


def _at_an_import(cut: Cut) -> Callable[[], Story]:
    def tell() -> Story:
        story = Story()
        story.imports(pay(story, 1))
        _cut_and_again(story, pay(story, 2, nonce=1), cut)
        story.imports(pay(story, 3, nonce=2))
        return story

    return tell


def _cut_and_again(story: Story, block: Block, cut: Cut) -> None:
    """Cut off the import of a block, then import it, which is fine if it is there already."""
    story.offers(block.encode(), cut)
    story.imports(block)


def _at_the_first_block(cut: Cut) -> Callable[[], Story]:
    def tell() -> Story:
        story = Story()
        _cut_and_again(story, pay(story, 1), cut)
        return story

    return tell


def _at_a_reorganisation(cut: Cut) -> Callable[[], Story]:
    def tell() -> Story:
        story = Story()
        start = story.head
        for nonce in range(2):
            story.imports(pay(story, 1, nonce=nonce))
        target = branch(story, start, 3)[-1]
        story.asks_for(target.hash, cut)
        story.adopts(target)
        story.imports(pay(story, 1, nonce=3))
        return story

    return tell


def _branches_outlive_it() -> Story:
    story = Story()
    start = story.head
    first = story.imports(pay(story, 1))
    other = branch(story, start, 2)[-1]
    story.crashes()
    story.adopts(other)
    story.crashes()
    story.adopts(first)
    story.crashes()
    return story


def _at_a_branch(cut: Cut) -> Callable[[], Story]:
    def tell() -> Story:
        story = Story()
        start = story.head
        story.imports(pay(story, 1))
        block = pay(story, 2, on=start)
        _cut_and_again(story, block, cut)
        story.adopts(block.header)
        return story

    return tell


def _again_and_again() -> Story:
    story = Story()
    for nonce, cut in enumerate((Cut.WITHIN, Cut.AFTER, Cut.BEFORE, Cut.WITHIN)):
        _cut_and_again(story, pay(story, 1 + nonce, nonce=nonce), cut)
    return story


def _refused_block_after_a_crash() -> Story:
    story = Story()
    block = pay(story, 1)
    story.imports(block)
    story.crashes()
    same_nonce = story.decoded(block.transactions[0])._replace(nonce=1)
    story.offers(story.block_of([same_nonce]).encode())
    story.imports(pay(story, 2, nonce=1))
    return story


_BY_HAND: Final[Mapping[str, tuple[Callable[[], Story], str]]] = {
    "acknowledged/after-each-block": (_after_each_block, "every block that was acknowledged is there"),
    "acknowledged/after-many-blocks": (_after_many_blocks, "and so are many, after two crashes in a row"),
    "acknowledged/branches": (_branches_outlive_it, "blocks that are not the head's, and moves of the head, are there"),
    "acknowledged/a-nonce-twice": (_refused_block_after_a_crash, "after a crash a nonce still counts"),
}

_CUT: Final[Mapping[str, Callable[[Cut], Callable[[], Story]]]] = {
    "an import": _at_an_import,
    "the first block": _at_the_first_block,
    "a reorganisation": _at_a_reorganisation,
    "a block of a branch": _at_a_branch,
}


def crash_cases() -> Iterator[tuple[str, Case]]:
    """Yield (name, case) of the core set."""
    for name, (tell, description) in _BY_HAND.items():
        yield f"crash/{name}", Case(tell, description, SOURCE)
    for what, make in _CUT.items():
        for cut in Cut:
            name = f"crash/cut/{what.replace(' ', '-')}-{cut}"
            yield name, Case(make(cut), f"{what}, cut off {WHERE[cut]}", SOURCE)
    yield "crash/cut/again-and-again", Case(_again_and_again, "four crashes, one after the other", SOURCE)


SOURCE: Final = "docs/STORE.md"
WHERE: Final = {
    Cut.BEFORE: "before anything is written",
    Cut.WITHIN: "while it is written",
    Cut.AFTER: "after all is written",
}
