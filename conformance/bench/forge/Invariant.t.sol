// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Handler} from "./Handler.sol";
import {vm} from "./Vm.sol";

interface IStaked {
    function totalLockedStakedVVV() external view returns (uint256);
    function totalSupply() external view returns (uint256);
}

/// The campaign that forge runs: kinds of calls as often as our own generator makes them, from a preset's state.
contract Campaign {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    IStaked private staking;
    Handler private handler;

    function setUp() external {
        vm.loadAllocs("allocs.json");
        vm.warp(vm.envUint("TIMESTAMP"));
        staking = IStaked(vm.envAddress("STAKING"));
        handler = new Handler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// Each selector as often as its kind of call weighs.
    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes memory kinds = vm.envBytes("KINDS");
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), new bytes4[](kinds.length / 4));
        for (uint256 at = 0; at < kinds.length; at += 4) {
            targets[0].selectors[at / 4] =
                bytes4(bytes.concat(kinds[at], kinds[at + 1], kinds[at + 2], kinds[at + 3]));
        }
    }

    /// One that costs next to nothing, after each call.
    function invariant_locked_is_staked() external view {
        require(staking.totalLockedStakedVVV() <= staking.totalSupply());
    }
}
