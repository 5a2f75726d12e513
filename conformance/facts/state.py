"""Published facts that are read off the state: totals, parameters, the curve, the functions there are."""

from __future__ import annotations

from typing import Final

from conformance.facts.fact import FACTS, LAUNCH, SNAPSHOT, Check, Fact, fact
from conformance.session import Refused, Session, function_of
from spec.messages import ZERO_ADDRESS
from spec.quantities import format_amount


def _declare_views() -> None:
    """Declare the facts that one view shows."""
    for statement, published, source, view, arguments in (
        ("VVV in existence on 2026-09-19", "114886562770481399543309743", "8", "vvv.totalSupply", ()),
        ("VVV of the zero address, counted in the supply", "33877292523889967424801955", "8", "vvv.balanceOf", (ZERO_ADDRESS,)),
        ("sVVV in existence on 2026-09-19", "33941208987993140790795723", "8", "staking.totalSupply", ()),
        ("sVVV locked on 2026-09-19", "8954489934888212779041642", "8", "staking.totalLockedStakedVVV", ()),
        ("DIEM in existence on 2026-09-19", "37713657734473535977725", "8", "diem.totalSupply", ()),
        ("emission rate at 2,500,000 VVV a year, per second", "79274479959411466", "3", "staking.emissionRatePerSecond", ()),
        ("emission fee: 20 % of what locked stake earns", "200000000000000000", "3", "staking.veniceEmissionsPercentageWhenLocked", ()),
        ("share of all emissions that goes to Venice", "0", "3", "staking.veniceEmissionsPercentage", ()),
        ("cooldown of staked VVV: 7 days", "604800", "3", "staking.cooldownDuration", ()),
        ("cooldown of staked DIEM: 1 day", "86400", "4", "diem.cooldownDuration", ()),
        ("first entry of the mint curve's table", "90000351563186634752", "5", "staking.diemMintRates", (0,)),
        ("second entry of the mint curve's table", "90002812543945768960", "5", "staking.diemMintRates", (1,)),
        ("the first of its steps ends at 500 DIEM", "500000000000000000000", "5", "staking.diemSupply", (0,)),
        ("the last of its 256 steps ends at 128,000 DIEM", "128000000000000000000000", "5", "staking.diemSupply", (255,)),
        ("scale of the reward accumulators", str(10**36), "3", "staking.ACC_REWARD_SCALE", ()),
    ):  # fmt: skip
        FACTS.append(Fact(statement, published, "A", f"PROTOCOL {source}", SNAPSHOT, _viewer(view, arguments)))


def _viewer(view: str, arguments: tuple[object, ...]) -> Check:
    return lambda session: str(session.view(view, *arguments))


_declare_views()


@fact("mint rate after 10,000 DIEM, target 38,000", "93.34", grade="B", source="5", preset=LAUNCH)
def rate_after_ten_thousand(session: Session) -> str:
    step = next(i for i in range(256) if session.view("staking.diemSupply", i) == 10_000 * 10**18)
    return f"{session.view('staking.diemMintRates', step) // 10**16 / 100:.2f}"


@fact("DIEM staked on 2026-09-19, about", "28449.84", grade="A", source="8")
def diem_staked(session: Session) -> str:
    names = [account.name for account in session.preset.accounts]
    return format_amount(sum(session.view("diem.stakedInfos", name)[0] for name in names))


@fact("decimals of VVV, sVVV and DIEM", "18 18 18", grade="A", source="1")
def decimals(session: Session) -> str:
    return " ".join(str(session.view(f"{token}.decimals")) for token in ("vvv", "staking", "diem"))


@fact("staking is the owner of VVV, so all new VVV is its emission", "accepted", grade="A", source="2")
def owner_of_vvv(session: Session) -> str:
    return "accepted" if bytes.fromhex(session.view("vvv.owner")[2:]) == session.accounts["staking"] else "refused"


@fact("stake(uint256) does not exist", "empty revert data", grade="A", source="3")
def no_stake_for_oneself(session: Session) -> str:
    try:
        session.send_raw("staker", session.accounts["staking"], bytes.fromhex("a694fc3a") + bytes(32))
    except Refused as refused:
        return str(refused)
    return "accepted"


SELECTORS: Final = {
    "adc9772e": "stake",
    "ae5ac921": "initiateUnstake",
    "0ea94341": "finalizeUnstake",
    "4e71d92d": "claim",
    "cb1a4fc0": "claimAndStake",
    "2006efcb": "mintDiem",
    "4d44f110": "burnDiem",
    "87716cbf": "getDiemAmountOut",
    "0caf48d3": "setDiemMintCurve",
    "a1bdb15e": "setEmissionRate",
    "966be075": "setCooldownDuration",
}
"""Read on chain (grade A)."""


@fact("selectors of staking's functions", " ".join(SELECTORS.values()), grade="A", source="3.3")
def selectors(session: Session) -> str:
    """Call each by its published selector: a function that is there accepts zeros, or refuses them with a reason."""
    return " ".join(name for selector, name in SELECTORS.items() if _answers(session, selector, name))


def _answers(session: Session, selector: str, name: str) -> bool:
    _, function = function_of(f"staking.{name}")
    words = sum(256 if parameter.type == "uint256[256]" else 1 for parameter in function.parameters)
    try:
        session.send_raw("staker", session.accounts["staking"], bytes.fromhex(selector) + bytes(32 * words))
    except Refused as refused:
        return str(refused) != "empty revert data"
    return True
