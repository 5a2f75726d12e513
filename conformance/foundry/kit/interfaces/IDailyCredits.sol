// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Daily credit for staked DIEM. Venice keeps it off chain: this contract is the specification's own.
interface IDailyCredits {
    event Recorded(address indexed account, uint256 indexed epoch, uint256 staked);
    event Spent(address indexed account, uint256 indexed epoch, uint256 amount);

    /// Take note of how much DIEM `account` has staked now, cooling excluded. Anyone may call.
    /// Events: Recorded(account, current epoch, d).
    function record(address account) external;

    /// Spend credit of `account`, at the gateway's word.
    /// Reverts, in this order: NOT_GATEWAY, SPEND_ZERO, INSUFFICIENT_BALANCE.
    /// Events: Spent(account, current epoch, amount).
    function spend(address account, uint256 amount) external;

    function epoch() external view returns (uint256);
    function allocation(address account) external view returns (uint256);
    function spent(address account) external view returns (uint256);
    function available(address account) external view returns (uint256);
    function accounts(address account) external view returns (uint256 epoch, uint256 allocation, uint256 staked, uint256 spent);
    function diem() external view returns (address);
    function gateway() external view returns (address);
    function creditAtOnce() external view returns (bool);
    function epochDuration() external view returns (uint256);
    function minimumStake() external view returns (uint256);
}
