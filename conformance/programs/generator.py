"""The generator: makes up one call after the other, from the state that the calls before have led to."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Final

from conformance.programs.calls import credits, diem, malformed, owner, staking, views, vvv
from conformance.programs.choices import Choices, Source
from conformance.programs.scene import Draft, Scene
from spec.messages import Call
from spec.parameters import Preset
from spec.world import World

Drafts = tuple[tuple[int, Callable[[Scene], Draft]], ...]
"""Kinds of calls, each with its weight."""

FAMILIES: Final[dict[str, Drafts]] = {
    "vvv": (
        (40, vvv.transfer),
        (50, vvv.approve),
        (20, vvv.transfer_from),
        (25, vvv.permit),
        (4, vvv.mint),
        (3, vvv.transfer_ownership),
    ),
    "staking": (
        (90, staking.stake),
        (50, staking.initiate_unstake),
        (65, staking.finalize_unstake),
        (35, staking.claim),
        (30, staking.claim_and_stake),
        (90, staking.mint_diem),
        (75, staking.burn_diem),
        (8, staking.transfer_svvv),
        (8, staking.approve_svvv),
        (8, staking.transfer_svvv_from),
    ),
    "owner": (
        (10, owner.set_emission_rate),
        (10, owner.set_venice_emissions_percentage),
        (10, owner.set_venice_emissions_percentage_when_locked),
        (8, owner.set_cooldown_duration),
        (6, owner.set_treasury),
        (8, owner.set_diem_mint_curve),
        (5, owner.transfer_ownership),
        (2, owner.renounce_ownership),
        (3, owner.initialize),
        (8, owner.upgrade_to_and_call),
    ),
    "diem": (
        (40, diem.transfer),
        (15, diem.approve),
        (20, diem.transfer_from),
        (70, diem.stake),
        (55, diem.initiate_unstake),
        (60, diem.unstake),
        (10, diem.mint),
        (8, diem.burn),
        (8, diem.set_cooldown_duration),
        (8, diem.grant_role),
        (6, diem.revoke_role),
        (4, diem.renounce_role),
    ),
    "credits": (
        (60, credits.record),
        (80, credits.spend),
    ),
    "views": ((90, views.view),),
}
"""What is called |-> the kinds of calls of it; how often each is drawn, in a thousand or so."""

WEIGHTS: Final[Drafts] = tuple(chain.from_iterable(FAMILIES.values()))
"""All kinds of calls."""

MALFORMED_PERCENT: Final = 4
NEWCOMER_PERCENT: Final = 4


class Generator:
    """Makes up calls on ``world``, which it reads and never changes; its time never runs backwards."""

    def __init__(self, world: World, preset: Preset, source: Source) -> None:
        self._scene = Scene(world, preset, Choices(source))

    def draw_from(self, source: Source) -> None:
        """Take the choices from another source from now on; the story so far stays as it is."""
        self._scene.choices = Choices(source)

    def next_call(
        self,
        drafts: Drafts = WEIGHTS,
        malformed_percent: int = MALFORMED_PERCENT,
        *,
        earliest: int = 0,
        at_once: bool = False,
    ) -> Call:
        """Return the next call of the program: of one of these kinds, or what the last one has announced.

        It is not before ``earliest`` (s). One ``at_once`` is at the very time of the call before it, and does not tell
        on what has been announced, which has a time of its own.
        """
        scene = self._scene
        scene.now = max(scene.now, earliest)
        if scene.choices.chance(NEWCOMER_PERCENT):
            scene.cast.admit()
        make = None
        if not at_once:
            make, scene.sequel = scene.sequel, None
            if make is None:
                scene.elapse()
        draft = (make or scene.choices.weighted(drafts))(scene)
        call = (draft._replace(at=None) if at_once else draft).call(scene.now)
        if scene.choices.chance(malformed_percent):
            call = malformed.malform(scene, call)
        scene.now = call.timestamp
        return call
