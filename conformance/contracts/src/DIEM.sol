// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title DIEM
/// @notice An ERC-20 minted and burned by staking, with stakes of its own: a staked DIEM gives a daily credit.
/// @dev DIEM amounts are in base units (10^18 = 1 DIEM), times in Unix seconds.
contract DIEM is ERC20, AccessControl {
    bytes32 public constant MINTER_BURNER_ROLE = keccak256("MINTER_BURNER_ROLE");

    struct StakedInfo {
        uint256 amountStaked; // DIEM
        uint256 coolDownEnd; // Unix seconds
        uint256 coolDownAmount; // DIEM
    }

    mapping(address account => StakedInfo) public stakedInfos;

    /// @notice DIEM staked by everybody, what is cooling down included.
    uint256 public totalStaked;

    /// @notice Seconds between the last `initiateUnstake` and the first moment of `unstake`.
    uint256 public cooldownDuration;

    event Staked(address indexed user, uint256 amount);
    event UnstakeInitiated(address indexed user, uint256 amount);
    event Unstaked(address indexed user, uint256 amount);
    event CooldownDurationUpdated(uint256 cooldownDuration);

    constructor(address admin, address minterBurner) ERC20("Diem", "DIEM") {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(MINTER_BURNER_ROLE, minterBurner);
        cooldownDuration = 1 days;
    }

    /// @param amount DIEM
    function mint(address to, uint256 amount) external onlyRole(MINTER_BURNER_ROLE) {
        _mint(to, amount);
    }

    /// @notice Burns without an approval.
    /// @param amount DIEM
    function burn(address from, uint256 amount) external onlyRole(MINTER_BURNER_ROLE) {
        _burn(from, amount);
    }

    /// @param duration seconds; cooldowns already begun keep their end
    function setCooldownDuration(uint256 duration) external onlyRole(DEFAULT_ADMIN_ROLE) {
        cooldownDuration = duration;
        emit CooldownDurationUpdated(duration);
    }

    /// @notice Stakes the caller's DIEM; no allowance is needed.
    /// @param amount DIEM
    function stake(uint256 amount) external {
        require(amount > 0, "STAKE_ZERO");
        require(balanceOf(msg.sender) >= amount, "INSUFFICIENT_BALANCE");

        totalStaked += amount;
        stakedInfos[msg.sender].amountStaked += amount;
        _transfer(msg.sender, address(this), amount);
        emit Staked(msg.sender, amount);
    }

    /// @notice Moves stake into the caller's cooling bucket. The clock of the whole bucket starts again.
    /// @param amount DIEM
    function initiateUnstake(uint256 amount) external {
        StakedInfo storage info = stakedInfos[msg.sender];
        require(amount > 0, "UNSTAKE_ZERO");
        require(info.amountStaked >= amount, "INSUFFICIENT_STAKED");

        info.coolDownEnd = block.timestamp + cooldownDuration;
        info.coolDownAmount += amount;
        info.amountStaked -= amount;
        emit UnstakeInitiated(msg.sender, amount);
    }

    /// @notice Pays out the caller's cooling bucket once its time is over.
    function unstake() external {
        StakedInfo storage info = stakedInfos[msg.sender];
        uint256 amount = info.coolDownAmount;
        require(amount > 0, "NO_COOLDOWN");
        require(block.timestamp >= info.coolDownEnd, "COOLDOWN_NOT_OVER");

        totalStaked -= amount;
        info.coolDownEnd = 0;
        info.coolDownAmount = 0;
        _transfer(address(this), msg.sender, amount);
        emit Unstaked(msg.sender, amount);
    }
}
