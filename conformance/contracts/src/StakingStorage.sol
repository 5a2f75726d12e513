// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IDIEM} from "./interfaces/IDIEM.sol";
import {IVVV} from "./interfaces/IVVV.sol";

/// @title The variables of staking
/// @notice All of them stand here and nowhere else, so that their slots follow from this one list.
/// @dev VVV, sVVV and DIEM are in base units (10^18 = 1 token), times in Unix seconds, percentages as 10^18 = 100 %.
abstract contract StakingStorage {
    struct Stake {
        uint256 rewardDebt; // VVV
        uint256 cooldownEnd; // Unix seconds
        uint256 cooldownAmount; // VVV
    }

    struct LockedStake {
        uint256 sVVVLockedAmount; // sVVV
        uint256 outstandingDiemAmount; // DIEM
    }

    /// @dev 100 % of a percentage, one whole token of an amount.
    uint256 internal constant ONE = 1e18;

    /// @dev Steps of the mint curve.
    uint256 internal constant STEPS = 256;

    IVVV public venice;
    IDIEM public diem;

    /// @notice Receives the protocol's share of the emissions.
    address public treasury;

    /// @notice VVV per second.
    uint256 public emissionRatePerSecond;

    /// @notice Share of all emissions that goes to the treasury; 10^18 = 100 %.
    uint256 public veniceEmissionsPercentage;

    /// @notice The emission fee: share of what locked stake earns that goes to the treasury; 10^18 = 100 %.
    uint256 public veniceEmissionsPercentageWhenLocked;

    /// @notice Seconds between `initiateUnstake` and the first moment of `finalizeUnstake`.
    uint256 public cooldownDuration;

    /// @notice VVV per unlocked sVVV since the beginning, scaled by `ACC_REWARD_SCALE`.
    uint256 public accRewardPerShare;

    /// @notice VVV per locked sVVV since the beginning, scaled by `ACC_REWARD_SCALE`.
    uint256 public accRewardPerShareLocked;

    /// @notice Unix seconds up to which the accumulators are settled.
    uint256 public lastRewardTimestamp;

    /// @notice sVVV.
    uint256 public totalLockedStakedVVV;

    mapping(address account => Stake) public stakes;
    mapping(address account => LockedStake) public lockedStakes;

    /// @notice DIEM supply up to which each step of the mint curve reaches.
    uint256[STEPS] public diemSupply;

    /// @notice sVVV per DIEM in each step of the mint curve, scaled by 10^18.
    uint256[STEPS] public diemMintRates;
}
