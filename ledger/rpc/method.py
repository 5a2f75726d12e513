"""A JSON-RPC method: the function that answers it, and how its parameters are taken out of JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from ledger.rpc.errors import INVALID_PARAMS, RpcError
from ledger.rpc.parameters import ParameterError


class _Required:
    """The default of a parameter that has none."""


REQUIRED: Final = _Required()


class Parameter(NamedTuple):
    """One parameter, by its position."""

    name: str

    parse: Callable[[object], Any]
    """Raises ParameterError."""

    default: Any = REQUIRED
    """What it is if it is left out or null."""


class Method:
    """A method; ``function`` gets the context of the request, then one argument for each parameter.

    It returns the result, or if that takes long, a generator: others get their turns when it yields.
    """

    def __init__(self, function: Callable[..., Any], *parameters: Parameter, dev: bool = False) -> None:
        self._function: Final = function
        self._parameters: Final = parameters

        self.dev: Final = dev
        """Whether only a development chain has it."""

    def answer(self, context: Any, given: Sequence[object]) -> Any:
        """Return the result for these parameters.

        Raises
        ------
        RpcError : INVALID_PARAMS for the first parameter that is missing or wrong, or for too many; or what the
            function raises.
        """
        parameters = self._parameters
        if len(given) > len(parameters):
            raise RpcError(INVALID_PARAMS, f"too many arguments, want at most {len(parameters)}")
        return self._function(context, *[self._argument(at, given) for at in range(len(parameters))])

    def _argument(self, at: int, given: Sequence[object]) -> Any:
        name, parse, default = self._parameters[at]
        if at < len(given) and given[at] is not None:
            try:
                return parse(given[at])
            except ParameterError as error:
                raise RpcError(INVALID_PARAMS, f"invalid argument {at}: {name}: {error}") from error
        if default is REQUIRED:
            raise RpcError(INVALID_PARAMS, f"missing value for required argument {at}: {name}")
        return default
