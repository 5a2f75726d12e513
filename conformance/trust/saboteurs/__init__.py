"""Machines that lie: each wraps an honest one and is wrong in one way. The comparison has to catch all of them."""

from __future__ import annotations

from typing import Final

from conformance.trust.saboteurs.receipts import (
    AcceptsEverything,
    AddsALog,
    AnswersNothing,
    DropsLogs,
    DropsTheLastLog,
    GivesAnotherReason,
    LogsFromElsewhere,
    PadsRevertData,
    RefusesEverything,
    ReordersLogs,
    RightAtFirst,
    RightUntilThe500thCall,
)
from conformance.trust.saboteurs.rules import (
    PaysTheFeeToTheWrongAccount,
    Rounds,
    RoundsEpochs,
    RoundsLocks,
    RoundsRewards,
    RoundsTheCurve,
)
from conformance.trust.saboteurs.saboteur import Saboteur
from conformance.trust.saboteurs.words import (
    LAST_REWARD_TIMESTAMP,
    AnswersViewsRightAndStoresWrong,
    ChangesState,
    ForgetsAWrite,
    HidesAWord,
    StoresAWordWrong,
    WritesAnExtraSlot,
)

LIARS: Final[tuple[type[Saboteur], ...]] = (
    RefusesEverything,
    AcceptsEverything,
    AnswersNothing,
    DropsLogs,
    DropsTheLastLog,
    AddsALog,
    ReordersLogs,
    LogsFromElsewhere,
    GivesAnotherReason,
    PadsRevertData,
    WritesAnExtraSlot,
    StoresAWordWrong,
    AnswersViewsRightAndStoresWrong,
    ForgetsAWrite,
    HidesAWord,
    ChangesState,
    RightAtFirst,
    RightUntilThe500thCall,
    PaysTheFeeToTheWrongAccount,
    RoundsRewards,
    RoundsLocks,
    RoundsTheCurve,
    RoundsEpochs,
)
"""All of them; ``Saboteur`` itself is honest."""

__all__ = [
    "LAST_REWARD_TIMESTAMP",
    "LIARS",
    "AcceptsEverything",
    "AddsALog",
    "AnswersNothing",
    "AnswersViewsRightAndStoresWrong",
    "ChangesState",
    "DropsLogs",
    "DropsTheLastLog",
    "ForgetsAWrite",
    "GivesAnotherReason",
    "HidesAWord",
    "LogsFromElsewhere",
    "PadsRevertData",
    "PaysTheFeeToTheWrongAccount",
    "RefusesEverything",
    "ReordersLogs",
    "RightAtFirst",
    "RightUntilThe500thCall",
    "Rounds",
    "RoundsEpochs",
    "RoundsLocks",
    "RoundsRewards",
    "RoundsTheCurve",
    "Saboteur",
    "StoresAWordWrong",
    "WritesAnExtraSlot",
]
