// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Owned} from "solmate/src/auth/Owned.sol";
import {ERC20} from "solmate/src/tokens/ERC20.sol";

/// @title VVV, the Venice Token
/// @notice An ERC-20 with `permit` whose owner, once handed over the staking contract, may mint. No cap, no burn, no pause.
contract VVV is ERC20, Owned {
    /// @dev VVV in base units.
    uint256 internal constant INITIAL_SUPPLY = 100_000_000e18;

    /// @param treasury receives the initial supply
    constructor(address treasury) ERC20("Venice Token", "VVV", 18) Owned(msg.sender) {
        _mint(treasury, INITIAL_SUPPLY);
    }

    /// @param amount VVV in base units
    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }
}
