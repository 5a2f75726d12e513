"""Stories by hand, of places where chance does not get."""

from conformance.trust.reach.stories import amounts, cooldowns, credit, curve, rewards, tokens
from conformance.trust.reach.stories.story import STORIES, Story

__all__ = ["STORIES", "Story", "amounts", "cooldowns", "credit", "curve", "rewards", "tokens"]
