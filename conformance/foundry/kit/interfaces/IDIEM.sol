// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// DIEM, the token, and the staking of it.
interface IDIEM {
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event CooldownDurationUpdated(uint256 cooldownDuration);
    event RoleAdminChanged(bytes32 indexed role, bytes32 indexed previousAdminRole, bytes32 indexed newAdminRole);
    event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender);
    event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender);
    event Staked(address indexed user, uint256 amount);
    event Transfer(address indexed from, address indexed to, uint256 value);
    event UnstakeInitiated(address indexed user, uint256 amount);
    event Unstaked(address indexed user, uint256 amount);

    error AccessControlBadConfirmation();
    error AccessControlUnauthorizedAccount(address account, bytes32 neededRole);
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
    error ERC20InvalidApprover(address approver);
    error ERC20InvalidReceiver(address receiver);
    error ERC20InvalidSender(address sender);
    error ERC20InvalidSpender(address spender);

    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function approve(address spender, uint256 value) external returns (bool);
    function name() external view returns (string memory);
    function symbol() external view returns (string memory);
    function decimals() external view returns (uint8);
    function totalSupply() external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
    function grantRole(bytes32 role, address account) external;
    function revokeRole(bytes32 role, address account) external;
    function renounceRole(bytes32 role, address callerConfirmation) external;
    function hasRole(bytes32 role, address account) external view returns (bool);
    function getRoleAdmin(bytes32 role) external view returns (bytes32);
    function DEFAULT_ADMIN_ROLE() external view returns (bytes32);
    function supportsInterface(bytes4 interfaceId) external view returns (bool);

    /// Stake the caller's DIEM; no allowance is needed.
    /// Reverts, in this order: STAKE_ZERO, INSUFFICIENT_BALANCE.
    /// Events: Transfer(sender, DIEM, amount); Staked(sender, amount).
    function stake(uint256 amount) external;

    /// Start to take staked DIEM out. What is cooling already is added to, and its clock starts again.
    /// Reverts, in this order: UNSTAKE_ZERO, INSUFFICIENT_STAKED, Panic(0x11).
    /// Events: UnstakeInitiated(sender, amount).
    function initiateUnstake(uint256 amount) external;

    /// Take out the DIEM that has cooled down.
    /// Reverts, in this order: NO_COOLDOWN, COOLDOWN_NOT_OVER.
    /// Events: Transfer(DIEM, sender, c); Unstaked(sender, c).
    function unstake() external;

    /// Create DIEM. There is no cap.
    /// Reverts, in this order: AccessControlUnauthorizedAccount, ERC20InvalidReceiver, Panic(0x11).
    /// Events: Transfer(0, recipient, amount).
    function mint(address to, uint256 amount) external;

    /// Destroy DIEM of `holder`, without approval.
    /// Reverts, in this order: AccessControlUnauthorizedAccount, ERC20InvalidSender, ERC20InsufficientBalance.
    /// Events: Transfer(holder, 0, amount).
    function burn(address from, uint256 amount) external;

    /// Set how long DIEM cools down, for cooldowns that start from now on.
    /// Reverts, in this order: AccessControlUnauthorizedAccount.
    /// Events: CooldownDurationUpdated(duration).
    function setCooldownDuration(uint256 newCooldownDuration) external;

    function MINTER_BURNER_ROLE() external view returns (bytes32);
    function cooldownDuration() external view returns (uint256);
    function totalStaked() external view returns (uint256);
    function stakedInfos(address account) external view returns (uint256 amountStaked, uint256 coolDownEnd, uint256 coolDownAmount);
}
