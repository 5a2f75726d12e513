// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {VENICE_VM} from "./VeniceVm.sol";
import {IDIEM} from "./interfaces/IDIEM.sol";
import {IDailyCredits} from "./interfaces/IDailyCredits.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {IVVV} from "./interfaces/IVVV.sol";

/// VVV, sVVV, DIEM and DailyCredits at their addresses on Base, in a preset's state, without any node.
///
/// Inherit from the contract of a preset, which is beside this one, and call `startVenice()` in `setUp`. The bytecode and
/// the storage are the conformance suite's own; what you do next is done by real calls.
abstract contract VeniceFixture {
    IVVV internal constant vvv = IVVV(0xacfE6019Ed1A7Dc6f7B508C02d1b04ec88cC21bf);
    /// The sVVV token too.
    IStaking internal constant staking = IStaking(0x321b7ff75154472B18EDb199033fF4D116F340Ff);
    IDIEM internal constant diem = IDIEM(0xF4d97F2da56e8c3098f3a8D538DB630A2606a024);
    IDailyCredits internal constant credits = IDailyCredits(0x7ec09fd25C2D26898869c3DF71A58311eE23c714);

    /// Locks sVVV for the DIEM that `giveDiem` hands out.
    address internal constant veniceMinter = address(uint160(uint256(keccak256("venice fixture minter"))));

    /// Puts codes and words of a state file in place, and sets chain, block and time (s) to its own.
    function startVenice(string memory state, uint256 chainId, uint256 number, uint256 timestamp) internal {
        VENICE_VM.loadAllocs(string.concat(VENICE_VM.projectRoot(), "/", state));
        VENICE_VM.chainId(chainId);
        VENICE_VM.roll(number);
        VENICE_VM.warp(timestamp);
    }

    /// Transfers VVV (base units) from the treasury.
    function giveVvv(address to, uint256 amount) internal {
        VENICE_VM.startPrank(staking.treasury());
        vvv.transfer(to, amount);
        VENICE_VM.stopPrank();
    }

    /// Stakes VVV of the treasury for `to`, who is paid what is pending, as by any stake.
    function giveStakedVvv(address to, uint256 amount) internal {
        VENICE_VM.startPrank(staking.treasury());
        vvv.approve(address(staking), amount);
        staking.stake(to, amount);
        VENICE_VM.stopPrank();
    }

    /// Mints DIEM (base units) along the curve, by a lock of `veniceMinter`, and transfers it: supply and price rise.
    function giveDiem(address to, uint256 amount) internal {
        uint256 cost = costOfDiem(amount);
        giveStakedVvv(veniceMinter, cost);
        VENICE_VM.startPrank(veniceMinter);
        staking.mintDiem(cost, amount);
        diem.transfer(to, amount);
        VENICE_VM.stopPrank();
    }

    /// Returns the least sVVV, up to rounding, that mints `amount` of DIEM now.
    function costOfDiem(uint256 amount) internal view returns (uint256 cost) {
        uint256 supply = diem.totalSupply();
        for (uint256 i; amount > 0; i++) {
            (uint256 end, uint256 rate) = (staking.diemSupply(i), staking.diemMintRates(i));
            if (end <= supply || rate == 0) continue;
            uint256 part = end - supply < amount ? end - supply : amount;
            cost += (rate * part + 1e18 - 1) / 1e18;
            supply += part;
            amount -= part;
        }
    }

    /// Moves the clock by `duration` (s), and the block number as Base's, which has a block every two seconds.
    function passTime(uint256 duration) internal {
        VENICE_VM.warp(block.timestamp + duration);
        VENICE_VM.roll(block.number + duration / 2);
    }
}
