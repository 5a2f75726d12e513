"""External functions: declared once by their Solidity signature, reached by selector from calldata."""

from __future__ import annotations

from collections.abc import Callable
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from spec.abi import SELECTOR, Parameter, decoder_of, encode_arguments, encode_results, parse_parameters
from spec.errors import EMPTY
from spec.hashing import keccak256
from spec.messages import Address, Call

if TYPE_CHECKING:
    from spec.world import World

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Body = Callable[Concatenate["World", Call, Arguments], Result]


class Function:
    """One external function: its signature, its ABI, and the specification's function behind it."""

    def __init__(self, declaration: str, returns: str, payable: bool, view: bool, body: Callable[..., Any]) -> None:
        self.name, _, inside = declaration.rstrip(")").partition("(")
        self.parameters: Final[tuple[Parameter, ...]] = parse_parameters(inside)
        self.results: Final = parse_parameters(returns)
        self.signature: Final = f"{self.name}({','.join(parameter.type for parameter in self.parameters)})"
        self.selector: Final = keccak256(self.signature.encode())[:SELECTOR]
        self.payable: Final = payable
        self.view: Final = view
        self.documentation: Final = cleandoc(body.__doc__ or "")
        self._body = body
        self._decode = decoder_of(self.parameters)
        self._types = tuple(result.type for result in self.results)

    def run(self, world: World, call: Call) -> bytes:
        """Decode the arguments, run the body, encode its result.

        Reverts, in this order
        ----------------------
        empty data : value sent to a function that is not payable; arguments that do not decode.
        whatever the body reverts with.
        """
        if call.value and not self.payable:
            raise EMPTY()
        result = self._body(world, call, *self._decode(call.data))
        if not self._types:
            return b""
        return encode_results(self._types, result if len(self._types) > 1 else (result,))

    def calldata(self, *arguments: Any) -> bytes:
        """Return the calldata that call this function with ``arguments``, which have to be of its types."""
        return self.selector + encode_arguments(self.parameters, arguments)


class Contract:
    """The external functions at one address."""

    def __init__(self, name: str, address: Address) -> None:
        self.name: Final = name
        self.address: Final = address
        self.by_selector: Final[dict[bytes, Function]] = {}
        self.by_name: Final[dict[str, Function]] = {}

    def external(
        self, declaration: str, returns: str = "", *, payable: bool = False, view: bool = False
    ) -> Callable[[Body[Arguments, Result]], Body[Arguments, Result]]:
        """Declare the decorated function as the external function of this Solidity signature."""

        def register(body: Body[Arguments, Result]) -> Body[Arguments, Result]:
            function = Function(declaration, returns, payable, view, body)
            if function.selector in self.by_selector or function.name in self.by_name:
                raise ValueError(f"{self.name} has {function.name} already")
            self.by_selector[function.selector] = function
            self.by_name[function.name] = function
            return body

        return register

    def view(self, declaration: str, returns: str) -> Callable[[Body[Arguments, Result]], Body[Arguments, Result]]:
        """Declare the decorated function as a view: it changes nothing."""
        return self.external(declaration, returns, view=True)

    def run(self, world: World, call: Call) -> bytes:
        """Run the function that the calldata select, and return its return data.

        Reverts, in this order
        ----------------------
        empty data : no function has this selector, or the calldata are too short to hold one.
        whatever the function reverts with.
        """
        function = self.by_selector.get(call.data[:SELECTOR])
        if function is None:
            raise EMPTY()
        return function.run(world, call)
