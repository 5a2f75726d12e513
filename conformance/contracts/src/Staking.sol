// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts-upgradeable/proxy/utils/UUPSUpgradeable.sol";
import {ERC20Upgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";

import {MintCurve} from "./MintCurve.sol";
import {Rewards} from "./Rewards.sol";
import {IDIEM} from "./interfaces/IDIEM.sol";
import {IVVV} from "./interfaces/IVVV.sol";

/// @title Staking, which is also the sVVV token
/// @notice VVV is staked for sVVV and earns emissions; sVVV is locked to mint DIEM, and burning DIEM unlocks it.
/// @dev VVV, sVVV and DIEM are in base units (10^18 = 1 token), times in Unix seconds, percentages as 10^18 = 100 %.
contract Staking is Rewards, MintCurve, OwnableUpgradeable, UUPSUpgradeable {
    event Staked(address indexed recipient, uint256 amount);
    event UnstakeInitiated(address indexed user, uint256 amount);
    event UnstakeFinalized(address indexed user, uint256 amount);
    event DiemMinted(address indexed user, uint256 sVVVAmount, uint256 diemAmount);
    event DiemBurned(address indexed user, uint256 sVVVAmount, uint256 diemAmount);

    event EmissionRateUpdated(uint256 emissionRatePerSecond);
    event VeniceEmissionsPercentageUpdated(uint256 percentage);
    event VeniceEmissionsPercentageWhenLockedUpdated(uint256 percentage);
    event CooldownDurationUpdated(uint256 cooldownDuration);
    event TreasuryUpdated(address treasury);
    event DiemMintRatesUpdated(uint256[STEPS] diemSupply, uint256[STEPS] diemMintRates);

    constructor() {
        _disableInitializers();
    }

    /// @notice The emission rate and the mint curve are set afterwards, by the owner.
    function initialize(address venice_, address diem_, address treasury_, address owner_) external initializer {
        __ERC20_init("Staked Venice Token", "sVVV");
        __Ownable_init(owner_);
        __UUPSUpgradeable_init();

        venice = IVVV(venice_);
        diem = IDIEM(diem_);
        treasury = treasury_;
        // Nobody can unstake this one, so the total that emissions are divided by is never zero.
        _mint(address(this), 1e18);
        cooldownDuration = 7 days;
        veniceEmissionsPercentageWhenLocked = 0.2e18;
        lastRewardTimestamp = block.timestamp;
    }

    // ---------------------------------------------------------------- stakers

    /// @notice Stakes the caller's VVV for the recipient. A reward just paid to the caller can fund it.
    /// @param amount VVV
    function stake(address recipient, uint256 amount) external {
        require(amount > 0, "STAKE_ZERO");

        _settle(recipient);
        _mint(recipient, amount);
        venice.transferFrom(msg.sender, address(this), amount);
        _writeDebt(recipient);
        emit Staked(recipient, amount);
    }

    /// @notice Burns unlocked sVVV and starts the cooldown. Cooling VVV earns nothing.
    /// @param amount sVVV
    function initiateUnstake(uint256 amount) external {
        Stake storage position = stakes[msg.sender];
        require(amount > 0, "UNSTAKE_ZERO");
        require(position.cooldownAmount == 0, "COOLDOWN_IN_PROGRESS");
        require(balanceOfUnlocked(msg.sender) >= amount, "INSUFFICIENT_BALANCE");

        _settle(msg.sender);
        _burn(msg.sender, amount);
        position.cooldownEnd = block.timestamp + cooldownDuration;
        position.cooldownAmount = amount;
        _writeDebt(msg.sender);
        emit UnstakeInitiated(msg.sender, amount);
    }

    /// @notice Pays out the cooled VVV one to one; settles no reward.
    function finalizeUnstake() external {
        Stake storage position = stakes[msg.sender];
        uint256 amount = position.cooldownAmount;
        require(amount != 0, "NO_COOLDOWN");
        require(block.timestamp >= position.cooldownEnd, "COOLDOWN_NOT_OVER");

        position.cooldownEnd = 0;
        position.cooldownAmount = 0;
        venice.transfer(msg.sender, amount);
        emit UnstakeFinalized(msg.sender, amount);
    }

    /// @notice Pays the caller the pending VVV.
    function claim() external {
        _settle(msg.sender);
        _writeDebt(msg.sender);
    }

    /// @notice Stakes the caller's pending VVV, which never leaves the contract, so no allowance is needed.
    function claimAndStake() external {
        _accrue();
        uint256 pending = _settledPending(msg.sender);
        require(pending > 0, "STAKE_ZERO");

        _mint(msg.sender, pending);
        _writeDebt(msg.sender);
        emit Claimed(msg.sender, pending);
        emit Staked(msg.sender, pending);
    }

    // ---------------------------------------------------------------- DIEM

    /// @notice Locks the caller's sVVV and mints DIEM at the present quote.
    /// @param amount sVVV
    /// @param minOut DIEM; less than this reverts
    function mintDiem(uint256 amount, uint256 minOut) external {
        require(amount > 0, "LOCK_ZERO");
        _settle(msg.sender);
        require(balanceOfUnlocked(msg.sender) >= amount, "INSUFFICIENT_BALANCE");
        uint256 out = getDiemAmountOut(amount);
        require(out >= minOut, "MIN_AMOUNT_OUT");

        LockedStake storage position = lockedStakes[msg.sender];
        position.outstandingDiemAmount += out;
        position.sVVVLockedAmount += amount;
        totalLockedStakedVVV += amount;
        diem.mint(msg.sender, out);
        _writeDebt(msg.sender);
        emit DiemMinted(msg.sender, amount, out);
    }

    /// @notice Burns the caller's DIEM and unlocks sVVV at the average at which the caller locked it.
    /// @param amount DIEM
    function burnDiem(uint256 amount) external {
        LockedStake storage position = lockedStakes[msg.sender];
        require(amount > 0, "BURN_ZERO");
        require(diem.balanceOf(msg.sender) >= amount, "INSUFFICIENT_BALANCE");
        require(position.outstandingDiemAmount > 0, "INSUFFICIENT_OUTSTANDING_DIEM");
        _settle(msg.sender);
        uint256 unlocked = amount * position.sVVVLockedAmount / position.outstandingDiemAmount;
        require(unlocked <= position.sVVVLockedAmount, "INSUFFICIENT_LOCKED_BALANCE");
        require(amount <= position.outstandingDiemAmount, "INSUFFICIENT_OUTSTANDING_DIEM");

        position.sVVVLockedAmount -= unlocked;
        position.outstandingDiemAmount -= amount;
        totalLockedStakedVVV -= unlocked;
        diem.burn(msg.sender, amount);
        _writeDebt(msg.sender);
        emit DiemBurned(msg.sender, unlocked, amount);
    }

    // ---------------------------------------------------------------- owner

    /// @param rate VVV per second, from now on
    function setEmissionRate(uint256 rate) external onlyOwner {
        _accrue();
        emissionRatePerSecond = rate;
        emit EmissionRateUpdated(rate);
    }

    /// @param percentage 10^18 = 100 %, from now on
    function setVeniceEmissionsPercentage(uint256 percentage) external onlyOwner {
        require(percentage <= ONE, "INVALID_PERCENTAGE");
        _accrue();
        veniceEmissionsPercentage = percentage;
        emit VeniceEmissionsPercentageUpdated(percentage);
    }

    /// @param percentage 10^18 = 100 %, from now on
    function setVeniceEmissionsPercentageWhenLocked(uint256 percentage) external onlyOwner {
        require(percentage <= ONE, "INVALID_PERCENTAGE");
        _accrue();
        veniceEmissionsPercentageWhenLocked = percentage;
        emit VeniceEmissionsPercentageWhenLockedUpdated(percentage);
    }

    /// @param duration seconds; cooldowns already begun keep their end
    function setCooldownDuration(uint256 duration) external onlyOwner {
        cooldownDuration = duration;
        emit CooldownDurationUpdated(duration);
    }

    function setTreasury(address treasury_) external onlyOwner {
        require(treasury_ != address(0), "INVALID_ADDRESS");
        treasury = treasury_;
        emit TreasuryUpdated(treasury_);
    }

    /// @notice Replaces the whole table, unchecked; positions stay as they are.
    /// @param supply DIEM supply up to which each step reaches
    /// @param rates sVVV per DIEM in each step, scaled by 10^18
    function setDiemMintCurve(uint256[STEPS] calldata supply, uint256[STEPS] calldata rates) external onlyOwner {
        diemSupply = supply;
        diemMintRates = rates;
        emit DiemMintRatesUpdated(supply, rates);
    }

    // ---------------------------------------------------------------- rules of the libraries

    /// @dev sVVV is minted and burned but never transferred.
    function _update(address from, address to, uint256 amount) internal override(ERC20Upgradeable) {
        require(from == address(0) || to == address(0), "NOT_TRANSFERRABLE");
        super._update(from, to, amount);
    }

    function _authorizeUpgrade(address) internal override onlyOwner {}
}
