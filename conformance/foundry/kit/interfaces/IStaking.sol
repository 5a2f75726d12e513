// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Staking of VVV, which is the token sVVV too: its balances cannot be transferred.
interface IStaking {
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Claimed(address indexed user, uint256 amount);
    event CooldownDurationUpdated(uint256 cooldownDuration);
    event DiemBurned(address indexed user, uint256 sVVVAmount, uint256 diemAmount);
    event DiemMintRatesUpdated(uint256[256] diemSupply, uint256[256] diemMintRates);
    event DiemMinted(address indexed user, uint256 sVVVAmount, uint256 diemAmount);
    event EmissionRateUpdated(uint256 emissionRatePerSecond);
    event Initialized(uint64 version);
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
    event Staked(address indexed recipient, uint256 amount);
    event Transfer(address indexed from, address indexed to, uint256 value);
    event TreasuryUpdated(address treasury);
    event UnstakeFinalized(address indexed user, uint256 amount);
    event UnstakeInitiated(address indexed user, uint256 amount);
    event Upgraded(address indexed implementation);
    event VeniceEmissionsPercentageUpdated(uint256 percentage);
    event VeniceEmissionsPercentageWhenLockedUpdated(uint256 percentage);

    error AddressEmptyCode(address target);
    error ERC1967InvalidImplementation(address implementation);
    error ERC1967NonPayable();
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
    error ERC20InvalidApprover(address approver);
    error ERC20InvalidReceiver(address receiver);
    error ERC20InvalidSender(address sender);
    error ERC20InvalidSpender(address spender);
    error FailedCall();
    error InvalidInitialization();
    error NotInitializing();
    error OwnableInvalidOwner(address owner);
    error OwnableUnauthorizedAccount(address account);
    error UUPSUnauthorizedCallContext();
    error UUPSUnsupportedProxiableUUID(bytes32 slot);

    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function approve(address spender, uint256 value) external returns (bool);
    function name() external view returns (string memory);
    function symbol() external view returns (string memory);
    function decimals() external view returns (uint8);
    function totalSupply() external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
    function transferOwnership(address newOwner) external;
    function renounceOwnership() external;
    function owner() external view returns (address);

    /// Lock sVVV of the caller, on top of what is locked already, and mint it the DIEM that the curve quotes.
    /// Reverts, in this order: LOCK_ZERO, INSUFFICIENT_BALANCE, INSUFFICIENT_SUPPLY, MIN_AMOUNT_OUT, AccessControlUnauthorizedAccount.
    /// Events: of the settlement; Transfer(0, sender, q) from DIEM; DiemMinted(sender, svvv_amount, q).
    function mintDiem(uint256 sVVVAmountToLock, uint256 minDiemAmountOut) external;

    /// Burn DIEM of the caller, and unlock sVVV at the average that the caller's own locks have come to.
    /// Reverts, in this order: BURN_ZERO, INSUFFICIENT_BALANCE, INSUFFICIENT_OUTSTANDING_DIEM, Panic(0x11), INSUFFICIENT_LOCKED_BALANCE, AccessControlUnauthorizedAccount.
    /// Events: of the settlement; Transfer(sender, 0, diem_amount) from DIEM; DiemBurned(sender, u, diem_amount).
    function burnDiem(uint256 diemAmount) external;

    /// Set how much VVV is emitted from now on.
    /// Reverts, in this order: OwnableUnauthorizedAccount.
    /// Events: of the accumulators' update; EmissionRateUpdated(rate).
    function setEmissionRate(uint256 newEmissionRatePerSecond) external;

    /// Set the treasury's share of all emissions from now on.
    /// Reverts, in this order: OwnableUnauthorizedAccount, INVALID_PERCENTAGE.
    /// Events: of the accumulators' update; VeniceEmissionsPercentageUpdated(percentage).
    function setVeniceEmissionsPercentage(uint256 newPercentage) external;

    /// Set the emission fee, the treasury's share of what locked stake earns, from now on.
    /// Reverts, in this order: OwnableUnauthorizedAccount, INVALID_PERCENTAGE.
    /// Events: of the accumulators' update; VeniceEmissionsPercentageWhenLockedUpdated(percentage).
    function setVeniceEmissionsPercentageWhenLocked(uint256 newPercentage) external;

    /// Set how long VVV cools down, for cooldowns that start from now on.
    /// Reverts, in this order: OwnableUnauthorizedAccount.
    /// Events: CooldownDurationUpdated(duration).
    function setCooldownDuration(uint256 newCooldownDuration) external;

    /// Set who receives the protocol's share of emissions, what is not yet settled included.
    /// Reverts, in this order: OwnableUnauthorizedAccount, INVALID_ADDRESS.
    /// Events: TreasuryUpdated(treasury).
    function setTreasury(address newTreasury) external;

    /// Replace the mint curve, unchecked. Positions stay as they are.
    /// Reverts, in this order: OwnableUnauthorizedAccount.
    /// Events: DiemMintRatesUpdated(supply, rates).
    function setDiemMintCurve(uint256[256] calldata newDiemSupply, uint256[256] calldata newDiemMintRates) external;

    /// Refuse: the proxy was initialized when it was made.
    function initialize(address venice, address diem, address treasury, address owner) external;

    /// Change the proxy's code to `implementation`, which can only be the code that it has, and run `data` on it.
    /// Reverts, in this order: OwnableUnauthorizedAccount, empty data, ERC1967InvalidImplementation, ERC1967NonPayable.
    /// Events: Upgraded(implementation); of `data`.
    function upgradeToAndCall(address newImplementation, bytes calldata data) external payable;

    /// Refuse: only the implementation itself answers this, not its proxy.
    function proxiableUUID() external view returns (bytes32);

    function UPGRADE_INTERFACE_VERSION() external view returns (string memory);

    /// Stake the caller's VVV for `recipient`, who is also paid what is pending.
    /// Reverts, in this order: STAKE_ZERO, ERC20InvalidReceiver, Panic(0x11).
    /// Events: of the settlement; Transfer(0, recipient, amount) of sVVV; Transfer(sender, staking, amount) from VVV; Staked(recipient, amount).
    function stake(address recipient, uint256 amount) external;

    /// Burn unlocked sVVV of the caller; its VVV cools down, and earns nothing meanwhile. One cooldown at a time.
    /// Reverts, in this order: UNSTAKE_ZERO, COOLDOWN_IN_PROGRESS, INSUFFICIENT_BALANCE, Panic(0x11).
    /// Events: of the settlement; Transfer(sender, 0, amount) of sVVV; UnstakeInitiated(sender, amount).
    function initiateUnstake(uint256 amount) external;

    /// Pay out the caller's cooled-down stake, one to one. No reward is settled.
    /// Reverts, in this order: NO_COOLDOWN, COOLDOWN_NOT_OVER.
    /// Events: Transfer(staking, sender, a) from VVV; UnstakeFinalized(sender, a).
    function finalizeUnstake() external;

    /// Pay the caller what is pending; nothing pending is no error.
    /// Events: of the settlement.
    function claim() external;

    /// Stake what is pending for the caller; the VVV never leaves staking, so no allowance is needed.
    /// Reverts, in this order: STAKE_ZERO, ERC20InvalidReceiver.
    /// Events: of the accumulators' update; Transfer(0, sender, p) of sVVV; Claimed(sender, p); Staked(sender, p).
    function claimAndStake() external;

    function pendingRewards(address user) external view returns (uint256);
    function getDiemAmountOut(uint256 sVVVAmountToLock) external view returns (uint256);
    function balanceOfUnlocked(address account) external view returns (uint256);
    function stakes(address user) external view returns (uint256 rewardDebt, uint256 cooldownEnd, uint256 cooldownAmount);
    function lockedStakes(address user) external view returns (uint256 sVVVLockedAmount, uint256 outstandingDiemAmount);
    function diemSupply(uint256 index) external view returns (uint256);
    function diemMintRates(uint256 index) external view returns (uint256);
    function venice() external view returns (address);
    function diem() external view returns (address);
    function treasury() external view returns (address);
    function ACC_REWARD_SCALE() external view returns (uint256);
    function emissionRatePerSecond() external view returns (uint256);
    function veniceEmissionsPercentage() external view returns (uint256);
    function veniceEmissionsPercentageWhenLocked() external view returns (uint256);
    function cooldownDuration() external view returns (uint256);
    function accRewardPerShare() external view returns (uint256);
    function accRewardPerShareLocked() external view returns (uint256);
    function lastRewardTimestamp() external view returns (uint256);
    function totalLockedStakedVVV() external view returns (uint256);
}
