"""Published facts that take some calls to see: boundaries, quotes, rewards, credit."""

from __future__ import annotations

from conformance.facts.fact import FACTS, LAUNCH, Check, Fact, fact
from conformance.session import Session
from spec.quantities import format_amount
from spec.timeline import SECONDS_PER_YEAR, TIMELINE, emission_rate_per_second

VVV = 10**18
DAY = 86_400


def _declare_timeline() -> None:
    """Declare what each period of the timeline emits in a year."""
    for period in TIMELINE:
        statement = f"VVV emitted in a year, from {period.since}"
        published = f"{period.vvv_per_year:,}"
        FACTS.append(
            Fact(statement, published, period.grade, "PROTOCOL 7", LAUNCH, _emitted_in_a_year(period.vvv_per_year))
        )


def _emitted_in_a_year(annual: int) -> Check:
    def observe(session: Session) -> str:
        session.send("owner", "staking.setEmissionRate", emission_rate_per_second(annual * VVV))
        before = session.view("vvv.totalSupply")
        session.now += SECONDS_PER_YEAR
        session.send("staker", "staking.claim")
        emitted = session.view("vvv.totalSupply") - before
        return f"{round(emitted / VVV):,}" if emitted <= annual * VVV else f"{emitted} base units"

    return observe


_declare_timeline()


@fact("locked stake earns what part of unlocked stake", "0.8", grade="B", source="3.1", preset=LAUNCH)
def locked_earns_less(session: Session) -> str:
    session.send("minter", "staking.mintDiem", 1_000_000 * VVV, 0)
    session.now += DAY
    staker, minter = (session.view("staking.pendingRewards", name) for name in ("staker", "minter"))
    unlocked_per_vvv = staker / 20_000_000
    locked_part = minter - 5_000_000 * unlocked_per_vvv
    return f"{locked_part / 1_000_000 / unlocked_per_vvv:.9g}"


@fact(
    "an unlocked staker earns the same whether others lock or not, to the last base unit but one",
    "same",
    grade="A",
    source="3.1",
    preset=LAUNCH,
)
def others_do_not_matter(session: Session) -> str:
    rewards = []
    start, genesis = session.now, session.machine.snapshot()
    for amount in (1, 6_000_000 * VVV):
        session.send("minter", "staking.mintDiem", amount, 0)
        session.now += DAY
        rewards.append(session.view("staking.pendingRewards", "staker"))
        session.now = start
        session.machine.revert(genesis)
    return "same" if rewards[0] > 1 and abs(rewards[0] - rewards[1]) <= 1 else f"{rewards[0]} and {rewards[1]}"


@fact("cooling VVV earns nothing", "0", grade="A", source="3.1", preset=LAUNCH)
def cooling_earns_nothing(session: Session) -> str:
    session.send("early_minter", "staking.initiateUnstake", session.view("staking.balanceOf", "early_minter"))
    session.now += DAY
    return str(session.view("staking.pendingRewards", "early_minter"))


@fact("balanceOf counts locked and unlocked sVVV alike", "7000000", grade="A", source="3")
def balance_counts_locked(session: Session) -> str:
    return format_amount(session.view("staking.balanceOf", "minter"))


@fact("a new emission rate is not retroactive", "same", grade="A", source="3.3")
def rate_not_retroactive(session: Session) -> str:
    session.now += DAY
    before = session.view("staking.pendingRewards", "staker")
    session.send("owner", "staking.setEmissionRate", 0)
    after = session.view("staking.pendingRewards", "staker")
    return "same" if before == after > 0 else f"{before} and {after}"


@fact(
    "VVV can be taken out at the second the cooldown ends", "COOLDOWN_NOT_OVER, then accepted", grade="A", source="3.2"
)
def vvv_boundary(session: Session) -> str:
    session.send("staker", "staking.initiateUnstake", VVV)
    session.now += 604_800 - 1
    early = session.outcome("staker", "staking.finalizeUnstake")
    session.now += 1
    return f"{early}, then {session.outcome('staker', 'staking.finalizeUnstake')}"


@fact(
    "DIEM can be taken out at the second the cooldown ends", "COOLDOWN_NOT_OVER, then accepted", grade="A", source="4"
)
def diem_boundary(session: Session) -> str:
    session.send("minter", "diem.initiateUnstake", VVV)
    session.now += 86_400 - 1
    early = session.outcome("minter", "diem.unstake")
    session.now += 1
    return f"{early}, then {session.outcome('minter', 'diem.unstake')}"


@fact("a second DIEM unstake adds to the first and restarts its clock", "3 DIEM, 86400 s later", grade="A", source="4")
def diem_unstake_adds(session: Session) -> str:
    session.send("minter", "diem.initiateUnstake", 1 * VVV)
    session.now += 1000
    session.send("minter", "diem.initiateUnstake", 2 * VVV)
    _, end, amount = session.view("diem.stakedInfos", "minter")
    return f"{format_amount(amount)} DIEM, {end - session.now} s later"


@fact("the quote is what is minted; one more is refused", "exact, MIN_AMOUNT_OUT", grade="A", source="3.2")
def exact_quote(session: Session) -> str:
    amount = 123_456 * VVV
    quote = session.view("staking.getDiemAmountOut", amount)
    refused = session.outcome("staker", "staking.mintDiem", amount, quote + 1)
    before = session.view("diem.balanceOf", "staker")
    session.send("staker", "staking.mintDiem", amount, quote)
    minted = session.view("diem.balanceOf", "staker") - before
    return f"{'exact' if minted == quote else f'{minted} of {quote}'}, {refused}"


@fact(
    "minting and burning everything returns the principal, no dust", "all unlocked, 0 locked", grade="A", source="3.2"
)
def round_trip(session: Session) -> str:
    amount = 98_765 * VVV + 4321
    session.send("staker", "staking.mintDiem", amount, 0)
    session.send("staker", "staking.burnDiem", session.view("diem.balanceOf", "staker"))
    locked, outstanding = session.view("staking.lockedStakes", "staker")
    unlocked = session.view("staking.balanceOfUnlocked", "staker") == session.view("staking.balanceOf", "staker")
    return f"{'all' if unlocked and not outstanding else 'not all'} unlocked, {locked} locked"


@fact("locking is incremental", "300", grade="A", source="3.2")
def incremental(session: Session) -> str:
    for amount in (100, 200):
        session.send("staker", "staking.mintDiem", amount * VVV, 0)
    return format_amount(session.view("staking.lockedStakes", "staker")[0])


@fact(
    "contracts may call: one stakes, locks, stakes DIEM, burns it, and leaves",
    "10",
    grade="A",
    source="3.2",
    preset=LAUNCH,
)
def contracts_may_call(session: Session) -> str:
    """Let DailyCredits stand for any contract: its own code makes no such calls."""
    contract = "credits"
    session.send("treasury", "vvv.transfer", contract, 10 * VVV)
    session.send(contract, "vvv.approve", "staking", 10 * VVV)
    session.send(contract, "staking.stake", contract, 10 * VVV)
    session.send(contract, "staking.mintDiem", 3 * VVV, 0)
    minted = session.view("diem.balanceOf", contract)
    session.send(contract, "diem.stake", minted)
    session.send(contract, "diem.initiateUnstake", minted)
    session.now += DAY + 1
    session.send(contract, "diem.unstake")
    session.send(contract, "staking.burnDiem", minted)
    session.send(contract, "staking.claim")
    claimed = session.view("vvv.balanceOf", contract)
    session.send(contract, "staking.initiateUnstake", 10 * VVV)
    session.now += 7 * DAY + 1
    session.send(contract, "staking.finalizeUnstake")
    return format_amount(session.view("vvv.balanceOf", contract) - claimed)


@fact("a DIEM holder who minted none cannot burn", "INSUFFICIENT_OUTSTANDING_DIEM", grade="A", source="3.2")
def holder_cannot_burn(session: Session) -> str:
    return session.outcome("diem_buyer", "staking.burnDiem", VVV)


@fact("staked DIEM does not count for burning", "INSUFFICIENT_BALANCE", grade="A", source="3.2")
def staked_cannot_be_burned(session: Session) -> str:
    return session.outcome("minter", "staking.burnDiem", VVV)


@fact("past the last step of the curve minting is refused", "INSUFFICIENT_SUPPLY", grade="A", source="5")
def past_the_last_step(session: Session) -> str:
    supply = [500 * VVV * i for i in range(1, 76)] + [0] * 181  # up to 37,500 DIEM: the present supply is beyond
    session.send("owner", "staking.setDiemMintCurve", supply, [90 * VVV] * 75 + [0] * 181)
    return session.outcome("staker", "staking.mintDiem", VVV, 0)


@fact("sVVV cannot be transferred", "NOT_TRANSFERRABLE", grade="D", source="3")
def not_transferable(session: Session) -> str:
    return session.outcome("staker", "staking.transfer", "newcomer", VVV)


@fact("a stranger cannot mint VVV", "UNAUTHORIZED", grade="A", source="2")
def stranger_cannot_mint(session: Session) -> str:
    return session.outcome("staker", "vvv.mint", "staker", VVV)


@fact("one staked DIEM gives 1 USD of credit a day", "1 a day", grade="B", source="6")
def one_dollar_a_day(session: Session) -> str:
    session.send("diem_buyer", "diem.initiateUnstake", 1999 * VVV)
    session.send("gateway", "credits.record", "diem_buyer")
    session.now = (session.now // DAY + 1) * DAY
    first = session.view("credits.available", "diem_buyer")
    session.now += DAY
    second = session.view("credits.available", "diem_buyer")
    return f"{format_amount(first)} a day" if first == second else f"{first}, then {second}"


@fact("unused credit does not roll over", "20000, then 20000", grade="B", source="6")
def no_rollover(session: Session) -> str:
    first = session.view("credits.available", "minter")
    session.now += DAY
    return f"{format_amount(first)}, then {format_amount(session.view('credits.available', 'minter'))}"


@fact("spending more credit than is left is refused", "accepted, then INSUFFICIENT_BALANCE", grade="B", source="6")
def no_overspending(session: Session) -> str:
    first = session.outcome("gateway", "credits.spend", "minter", 20_000 * VVV)
    return f"{first}, then {session.outcome('gateway', 'credits.spend', 'minter', 1)}"


@fact("below 0.1 staked DIEM nothing can be spent", "0.1 of 0.1, 0 of 0.099", grade="B", source="6")
def minimum_stake(session: Session) -> str:
    results = []
    for left in (VVV // 10, 99 * VVV // 1000):
        staked = session.view("diem.stakedInfos", "diem_buyer")[0]
        session.send("diem_buyer", "diem.initiateUnstake", staked - left)
        session.send("gateway", "credits.record", "diem_buyer")
        session.now += DAY
        results.append(f"{format_amount(session.view('credits.available', 'diem_buyer'))} of {format_amount(left)}")
    return ", ".join(results)
