// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice What staking needs of VVV. VVV reverts when it cannot move an amount and never returns false.
interface IVVV is IERC20 {
    /// @param amount VVV in base units
    function mint(address to, uint256 amount) external;
}
