// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice What staking and DailyCredits need of DIEM.
interface IDIEM is IERC20 {
    /// @param amount DIEM in base units
    function mint(address to, uint256 amount) external;

    /// @param amount DIEM in base units
    function burn(address from, uint256 amount) external;

    /// @return amountStaked DIEM in base units, what is cooling down excluded
    /// @return coolDownEnd Unix seconds
    /// @return coolDownAmount DIEM in base units
    function stakedInfos(address account)
        external
        view
        returns (uint256 amountStaked, uint256 coolDownEnd, uint256 coolDownAmount);
}
