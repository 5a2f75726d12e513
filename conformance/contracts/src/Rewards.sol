// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ERC20Upgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";

import {StakingStorage} from "./StakingStorage.sol";

/// @title Rewards of staking
/// @notice Emissions are shared between unlocked and locked sVVV by amount; what locked sVVV earns pays the emission fee.
abstract contract Rewards is StakingStorage, ERC20Upgradeable {
    /// @notice Scale of the accumulators.
    uint256 public constant ACC_REWARD_SCALE = 1e36;

    /// @dev The accumulators brought up to now, and the VVV that this takes.
    struct Accrual {
        uint256 perShare; // VVV per unlocked sVVV, scaled
        uint256 perShareLocked; // VVV per locked sVVV, scaled
        uint256 toTreasury; // VVV
        uint256 toStakers; // VVV
    }

    event Claimed(address indexed user, uint256 amount);

    /// @return sVVV of the account that is not locked behind DIEM
    function balanceOfUnlocked(address account) public view returns (uint256) {
        return balanceOf(account) - lockedStakes[account].sVVVLockedAmount;
    }

    /// @return VVV the account would be paid if it were settled now
    function pendingRewards(address account) external view returns (uint256) {
        Accrual memory accrual = _accrual();
        return _debt(account, accrual.perShare, accrual.perShareLocked) - stakes[account].rewardDebt;
    }

    /// @dev The emissions since `lastRewardTimestamp`. Only what the accumulators hand out is minted; the dust never is.
    function _accrual() internal view returns (Accrual memory accrual) {
        accrual.perShare = accRewardPerShare;
        accrual.perShareLocked = accRewardPerShareLocked;
        if (block.timestamp <= lastRewardTimestamp) return accrual;

        uint256 emitted = (block.timestamp - lastRewardTimestamp) * emissionRatePerSecond;
        accrual.toTreasury = emitted * veniceEmissionsPercentage / ONE;

        uint256 raw = emitted - accrual.toTreasury;
        uint256 total = totalSupply();
        uint256 locked = totalLockedStakedVVV;
        uint256 unlocked = total - locked;
        uint256 earnedLocked = raw * locked / total;
        uint256 earnedUnlocked = raw - earnedLocked;

        if (earnedUnlocked > 0 && unlocked > 0) {
            uint256 perShare = earnedUnlocked * ACC_REWARD_SCALE / unlocked;
            accrual.perShare += perShare;
            accrual.toStakers += perShare * unlocked / ACC_REWARD_SCALE;
        }
        if (earnedLocked > 0 && locked > 0) {
            uint256 fee = earnedLocked * veniceEmissionsPercentageWhenLocked / ONE;
            uint256 perShare = (earnedLocked - fee) * ACC_REWARD_SCALE / locked;
            accrual.perShareLocked += perShare;
            accrual.toStakers += perShare * locked / ACC_REWARD_SCALE;
            accrual.toTreasury += fee;
        }
    }

    /// @dev Brings the accumulators up to now and mints the VVV for it.
    function _accrue() internal {
        Accrual memory accrual = _accrual();
        accRewardPerShare = accrual.perShare;
        accRewardPerShareLocked = accrual.perShareLocked;
        if (block.timestamp > lastRewardTimestamp) lastRewardTimestamp = block.timestamp;
        if (accrual.toTreasury > 0) venice.mint(treasury, accrual.toTreasury);
        if (accrual.toStakers > 0) venice.mint(address(this), accrual.toStakers);
    }

    /// @dev Pays the account what it has earned. Whoever settles writes the new debt once the balances have moved.
    function _settle(address account) internal {
        _accrue();
        uint256 pending = _settledPending(account);
        if (pending > 0) {
            venice.transfer(account, pending);
            emit Claimed(account, pending);
        }
    }

    /// @dev From here on the account earns on its present balances.
    function _writeDebt(address account) internal {
        stakes[account].rewardDebt = _settledDebt(account);
    }

    /// @return VVV the account has earned up to the last settlement
    function _settledPending(address account) internal view returns (uint256) {
        return _settledDebt(account) - stakes[account].rewardDebt;
    }

    function _settledDebt(address account) private view returns (uint256) {
        return _debt(account, accRewardPerShare, accRewardPerShareLocked);
    }

    /// @return VVV that the account's balances would have earned since the beginning
    function _debt(address account, uint256 perShare, uint256 perShareLocked) private view returns (uint256) {
        return balanceOfUnlocked(account) * perShare / ACC_REWARD_SCALE
            + lockedStakes[account].sVVVLockedAmount * perShareLocked / ACC_REWARD_SCALE;
    }
}
