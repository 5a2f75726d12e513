// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {vm} from "./Vm.sol";

/// Accounts, amounts and times, by the regimes of our own generator, out of one fuzzed word.
abstract contract Drawn {
    address[] internal accounts = vm.envAddress("ACCOUNTS", ",");
    uint256 private randomness;
    uint256 private calls;

    modifier drawing(uint256 seed) {
        randomness = uint256(keccak256(abi.encode(seed, ++calls, block.timestamp)));
        _;
    }

    function below(uint256 bound) internal returns (uint256) {
        randomness = uint256(keccak256(abi.encode(randomness)));
        return randomness % bound;
    }

    function chance(uint256 percent) internal returns (bool) {
        return below(100) < percent;
    }

    function anyone() internal returns (address) {
        return accounts[below(accounts.length)];
    }

    /// An account that has some of something, if any has, and how much.
    function whoHas(function(address) internal view returns (uint256) has) internal returns (address who, uint256 held) {
        uint256 first = below(accounts.length);
        for (uint256 more = 0; more < accounts.length && held == 0; ++more) {
            who = accounts[(first + more) % accounts.length];
            held = has(who);
        }
    }

    function amount(uint256 exact) internal returns (uint256) {
        uint256 regime = below(85);
        if (regime < 45) return 1 + below(exact == 0 ? 1e21 : exact);
        if (regime < 57) return exact;
        if (regime < 65) return exact == type(uint256).max ? exact : exact + 1;
        if (regime < 73) return 1 + below(9);
        if (regime < 79) return 0;
        if (regime < 83) return exact / 2 + below(2 ** 255);
        return type(uint256).max;
    }

    function edge(uint256 boundary) internal returns (uint256) {
        return boundary + 1 - below(3);
    }

    function elapse() private {
        uint256 regime = below(100);
        uint256 time = block.timestamp;
        if (regime < 40) return;
        if (regime < 60) time += 1;
        else if (regime < 80) time += below(8 hours);
        else if (regime < 90) time = edge((time / 1 days + 1) * 1 days);
        else if (regime < 94) time += edge(7 days);
        else if (regime < 99) time += (1 + below(14)) * 1 days;
        else time += (1 + below(5)) * 365 days;
        vm.warp(time);
    }

    /// Let time pass and make the call.
    function send(address sender, address to, bytes memory data) internal {
        elapse();
        make(sender, to, data);
    }

    /// Make the call at a time, if that is still to come.
    function sendAt(uint256 time, address sender, address to, bytes memory data) internal {
        if (time > block.timestamp) vm.warp(time);
        make(sender, to, data);
    }

    /// Make the call, one in 25 with something wrong, and be refused if it is.
    function make(address sender, address to, bytes memory data) private {
        if (chance(4)) data[below(data.length)] ^= bytes1(uint8(1 + below(255)));
        vm.prank(sender);
        (bool accepted, bytes memory output) = to.call(data);
        if (!accepted) {
            assembly {
                revert(add(output, 32), mload(output))
            }
        }
    }
}
