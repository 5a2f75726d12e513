// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {StakingStorage} from "./StakingStorage.sol";

/// @title The mint curve
/// @notice The price of DIEM in sVVV as a table of steps over DIEM's supply. Past the last step minting reverts.
abstract contract MintCurve is StakingStorage {
    /// @notice Quotes the DIEM that locking sVVV would mint now.
    /// @param amount sVVV to lock
    /// @return out DIEM
    function getDiemAmountOut(uint256 amount) public view returns (uint256 out) {
        if (amount == 0) return 0;

        uint256 supply = diem.totalSupply();
        for (uint256 i = 0; i < STEPS; ++i) {
            uint256 bound = diemSupply[i];
            uint256 rate = diemMintRates[i];
            if (bound <= supply || rate == 0) continue;

            uint256 room = bound - supply;
            uint256 cost = _ceilDiv(rate * room, ONE);
            if (cost >= amount) return out + amount * ONE / rate;

            out += room;
            supply = bound;
            amount -= cost;
        }
        revert("INSUFFICIENT_SUPPLY");
    }

    /// @dev Adds the one after dividing, so that the sum cannot overflow before it.
    function _ceilDiv(uint256 n, uint256 d) private pure returns (uint256) {
        return n / d + (n % d == 0 ? 0 : 1);
    }
}
