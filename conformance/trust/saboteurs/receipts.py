"""Machines that carry out everything right, and lie in what they answer."""

from __future__ import annotations

from typing import Final

from conformance.trust.saboteurs.saboteur import Saboteur
from spec import addresses
from spec.errors import EMPTY, string_error
from spec.messages import Receipt

OTHER_REASON: Final = string_error("SOMETHING_ELSE")


class RefusesEverything(Saboteur):
    """Refuses every call, without a reason."""

    def answer(self, receipt: Receipt) -> Receipt:
        """Return a refusal."""
        return receipt._replace(status=False, output=EMPTY.data, logs=())


class AcceptsEverything(Saboteur):
    """Accepts every call, and returns nothing."""

    def answer(self, receipt: Receipt) -> Receipt:
        """Return an empty acceptance."""
        return receipt._replace(status=True, output=b"", logs=())


class AnswersNothing(Saboteur):
    """Carries out everything right, and returns no data."""

    def answer(self, receipt: Receipt) -> Receipt:
        """Return the receipt without its return data."""
        return receipt._replace(output=b"") if receipt.status else receipt


class DropsLogs(Saboteur):
    """Emits nothing."""

    def answer(self, receipt: Receipt) -> Receipt:
        """Return the receipt without its logs."""
        return receipt._replace(logs=())


class DropsTheLastLog(Saboteur):
    """Forgets the last event of each call."""

    def answer(self, receipt: Receipt) -> Receipt:
        """Return the receipt with a log less."""
        return receipt._replace(logs=receipt.logs[:-1])


class AddsALog(Saboteur):
    """Emits the first event of each call once more at the end."""

    def answer(self, receipt: Receipt) -> Receipt:
        """Return the receipt with a log more."""
        return receipt._replace(logs=receipt.logs + receipt.logs[:1])


class ReordersLogs(Saboteur):
    """Swaps the events of calls that emit two."""

    def answer(self, receipt: Receipt) -> Receipt:
        """Return the receipt, two logs the other way round."""
        logs = receipt.logs
        return receipt._replace(logs=(*logs[2:], *logs[1::-1])) if len(logs) == 2 else receipt


class LogsFromElsewhere(Saboteur):
    """Lets every event come from VVV."""

    def answer(self, receipt: Receipt) -> Receipt:
        """Return the receipt with other emitters."""
        return receipt._replace(logs=tuple(log._replace(address=addresses.VVV) for log in receipt.logs))


class GivesAnotherReason(Saboteur):
    """Refuses what has to be refused, for another reason."""

    def answer(self, receipt: Receipt) -> Receipt:
        """Return refusals with other revert data."""
        return receipt if receipt.status else receipt._replace(output=OTHER_REASON.data)


class PadsRevertData(Saboteur):
    """Gives the right reason, with a byte behind it."""

    def answer(self, receipt: Receipt) -> Receipt:
        """Return refusals with longer revert data."""
        return receipt if receipt.status else receipt._replace(output=receipt.output + b"\0")


class RightAtFirst(DropsLogs):
    """Is honest for 300 calls, and then emits nothing."""

    honest_calls = 300

    def answer(self, receipt: Receipt) -> Receipt:
        """Return the receipt, without its logs after a while."""
        return super().answer(receipt) if self.calls > self.honest_calls else receipt


class RightUntilThe500thCall(RightAtFirst):
    """Is honest until the 500th call, and emits nothing from then on."""

    honest_calls = 499
