// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts-upgradeable/proxy/utils/UUPSUpgradeable.sol";
import {ERC20Upgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";

interface ICoin {
    function issue(address to, uint256 amount) external;
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

interface IGem {
    function mint(address to, uint256 amount) external;
    function burn(address from, uint256 amount) external;
    function totalSupply() external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
}

/// @title Vault
/// @notice Staking under other names, in one piece, with custom errors and its variables in another order.
contract Vault is OwnableUpgradeable, ERC20Upgradeable, UUPSUpgradeable {
    uint256 public constant ACC_REWARD_SCALE = 1e36;
    uint256 private constant ONE = 1e18;
    uint256 private constant STEPS = 256;

    struct Position {
        uint256 locked; // sVVV
        uint256 minted; // DIEM
        uint256 leaving; // VVV
        uint256 leavesAt; // Unix seconds
        uint256 paid; // VVV
    }

    /// @notice How often anybody has deposited. Nothing depends on it.
    uint256 public deposits;

    uint256[STEPS] public stepRate;
    uint256[STEPS] public stepEnd;
    mapping(address account => Position) private _positions;
    uint256 public totalLocked;
    uint256 public settledAt;
    uint256 public indexLocked;
    uint256 public index;
    uint256 public leavingTime;
    uint256 public lockedShare;
    uint256 public venetianShare;
    uint256 public ratePerSecond;
    address public treasury;
    IGem public gem;
    ICoin public coin;

    event Deposited(address indexed account, uint256 amount);
    event DepositCounted(uint256 deposits);
    event Leaving(address indexed account, uint256 amount);
    event Left(address indexed account, uint256 amount);
    event Harvested(address indexed account, uint256 amount);
    event Locked(address indexed account, uint256 indexed amount, uint256 minted);
    event Unlocked(address indexed account, uint256 amount, uint256 indexed burned);
    event RateChanged(uint256 rate);
    event VenetianShareChanged(uint256 share);
    event LockedShareChanged(uint256 share);
    event LeavingTimeChanged(uint256 duration);
    event TreasuryChanged(address indexed treasury);
    event CurveChanged(uint256[STEPS] ends, uint256[STEPS] rates);

    error ZeroAmount();
    error ZeroAddress();
    error NotEnough(uint256 wanted);
    error AlreadyLeaving();
    error NothingLeaves();
    error TooEarly(uint256 leavesAt);
    error Slippage(uint256 out, uint256 minOut);
    error CurveExhausted();
    error NotEnoughMinted();
    error NotEnoughLocked();
    error ShareTooLarge(uint256 share);
    error Soulbound();

    constructor() {
        _disableInitializers();
    }

    function setUp(address owner_, address treasury_, ICoin coin_, IGem gem_) external initializer {
        __ERC20_init("Staked Venice Token", "sVVV");
        __Ownable_init(owner_);
        (treasury, coin, gem) = (treasury_, coin_, gem_);
        (leavingTime, lockedShare, settledAt) = (7 days, 0.2e18, block.timestamp);
        _mint(address(this), ONE);
    }

    // ---------------------------------------------------------------- what is shown

    function rewardOf(address account) external view returns (uint256 paid, uint256 leavesAt, uint256 leaving) {
        Position storage position = _positions[account];
        return (position.paid, position.leavesAt, position.leaving);
    }

    function lockOf(address account) external view returns (uint256 locked, uint256 minted) {
        return (_positions[account].locked, _positions[account].minted);
    }

    function free(address account) public view returns (uint256) {
        return balanceOf(account) - _positions[account].locked;
    }

    function earned(address account) external view returns (uint256) {
        (uint256 atIndex, uint256 atIndexLocked,,) = _indices();
        return _worth(account, atIndex, atIndexLocked) - _positions[account].paid;
    }

    /// @param amount sVVV
    /// @return out DIEM
    function quote(uint256 amount) public view returns (uint256 out) {
        if (amount == 0) return 0;
        uint256 supply = gem.totalSupply();
        for (uint256 i = 0; i < STEPS; ++i) {
            (uint256 end, uint256 rate) = (stepEnd[i], stepRate[i]);
            if (end <= supply || rate == 0) continue;
            uint256 product = rate * (end - supply);
            uint256 cost = product / ONE;
            if (product % ONE != 0) cost += 1;
            if (cost >= amount) return out + amount * ONE / rate;
            out += end - supply;
            supply = end;
            amount -= cost;
        }
        revert CurveExhausted();
    }

    // ---------------------------------------------------------------- stakers

    function deposit(address account, uint256 amount) external {
        if (amount == 0) revert ZeroAmount();
        _harvest(account);
        _mint(account, amount);
        coin.transferFrom(msg.sender, address(this), amount);
        _remember(account);
        emit Deposited(account, amount);
        emit DepositCounted(++deposits);
    }

    function leave(uint256 amount) external {
        Position storage mine = _positions[msg.sender];
        if (amount == 0) revert ZeroAmount();
        if (mine.leaving != 0) revert AlreadyLeaving();
        if (free(msg.sender) < amount) revert NotEnough(amount);
        _harvest(msg.sender);
        _burn(msg.sender, amount);
        mine.leavesAt = block.timestamp + leavingTime;
        mine.leaving = amount;
        _remember(msg.sender);
        emit Leaving(msg.sender, amount);
    }

    function withdraw() external {
        Position storage mine = _positions[msg.sender];
        uint256 amount = mine.leaving;
        if (amount == 0) revert NothingLeaves();
        if (block.timestamp < mine.leavesAt) revert TooEarly(mine.leavesAt);
        (mine.leaving, mine.leavesAt) = (0, 0);
        coin.transfer(msg.sender, amount);
        emit Left(msg.sender, amount);
    }

    function harvest() external {
        _harvest(msg.sender);
        _remember(msg.sender);
    }

    function compound() external {
        _settle();
        uint256 amount = _due(msg.sender);
        if (amount == 0) revert ZeroAmount();
        _mint(msg.sender, amount);
        _remember(msg.sender);
        emit Harvested(msg.sender, amount);
        emit Deposited(msg.sender, amount);
    }

    // ---------------------------------------------------------------- DIEM

    function lock(uint256 amount, uint256 minOut) external {
        if (amount == 0) revert ZeroAmount();
        _harvest(msg.sender);
        if (free(msg.sender) < amount) revert NotEnough(amount);
        uint256 out = quote(amount);
        if (out < minOut) revert Slippage(out, minOut);
        Position storage mine = _positions[msg.sender];
        mine.minted += out;
        mine.locked += amount;
        totalLocked += amount;
        gem.mint(msg.sender, out);
        _remember(msg.sender);
        emit Locked(msg.sender, amount, out);
    }

    function unlock(uint256 amount) external {
        Position storage mine = _positions[msg.sender];
        if (amount == 0) revert ZeroAmount();
        if (gem.balanceOf(msg.sender) < amount) revert NotEnough(amount);
        if (mine.minted == 0) revert NotEnoughMinted();
        _harvest(msg.sender);
        uint256 released = amount * mine.locked / mine.minted;
        if (released > mine.locked) revert NotEnoughLocked();
        if (amount > mine.minted) revert NotEnoughMinted();
        mine.locked -= released;
        mine.minted -= amount;
        totalLocked -= released;
        gem.burn(msg.sender, amount);
        _remember(msg.sender);
        emit Unlocked(msg.sender, released, amount);
    }

    // ---------------------------------------------------------------- owner

    function setRate(uint256 rate) external onlyOwner {
        _settle();
        ratePerSecond = rate;
        emit RateChanged(rate);
    }

    function setVenetianShare(uint256 share) external onlyOwner {
        if (share > ONE) revert ShareTooLarge(share);
        _settle();
        venetianShare = share;
        emit VenetianShareChanged(share);
    }

    function setLockedShare(uint256 share) external onlyOwner {
        if (share > ONE) revert ShareTooLarge(share);
        _settle();
        lockedShare = share;
        emit LockedShareChanged(share);
    }

    function setLeavingTime(uint256 duration) external onlyOwner {
        leavingTime = duration;
        emit LeavingTimeChanged(duration);
    }

    function setTreasury(address treasury_) external onlyOwner {
        if (treasury_ == address(0)) revert ZeroAddress();
        treasury = treasury_;
        emit TreasuryChanged(treasury_);
    }

    function setCurve(uint256[STEPS] calldata ends, uint256[STEPS] calldata rates) external onlyOwner {
        stepEnd = ends;
        stepRate = rates;
        emit CurveChanged(ends, rates);
    }

    // ---------------------------------------------------------------- rewards

    function _indices()
        private
        view
        returns (uint256 atIndex, uint256 atIndexLocked, uint256 toTreasury, uint256 toStakers)
    {
        (atIndex, atIndexLocked) = (index, indexLocked);
        if (block.timestamp <= settledAt) return (atIndex, atIndexLocked, 0, 0);

        uint256 emitted = (block.timestamp - settledAt) * ratePerSecond;
        toTreasury = emitted * venetianShare / ONE;
        emitted -= toTreasury;
        uint256 total = totalSupply();
        uint256 forLocked = emitted * totalLocked / total;
        (uint256 forFree, uint256 freeTotal) = (emitted - forLocked, total - totalLocked);
        if (forFree > 0 && freeTotal > 0) {
            uint256 step = forFree * ACC_REWARD_SCALE / freeTotal;
            atIndex += step;
            toStakers = step * freeTotal / ACC_REWARD_SCALE;
        }
        if (forLocked > 0 && totalLocked > 0) {
            uint256 fee = forLocked * lockedShare / ONE;
            uint256 step = (forLocked - fee) * ACC_REWARD_SCALE / totalLocked;
            atIndexLocked += step;
            toStakers += step * totalLocked / ACC_REWARD_SCALE;
            toTreasury += fee;
        }
    }

    function _settle() private {
        (uint256 atIndex, uint256 atIndexLocked, uint256 toTreasury, uint256 toStakers) = _indices();
        (index, indexLocked) = (atIndex, atIndexLocked);
        if (block.timestamp > settledAt) settledAt = block.timestamp;
        if (toTreasury > 0) coin.issue(treasury, toTreasury);
        if (toStakers > 0) coin.issue(address(this), toStakers);
    }

    function _harvest(address account) private {
        _settle();
        uint256 amount = _due(account);
        if (amount == 0) return;
        coin.transfer(account, amount);
        emit Harvested(account, amount);
    }

    function _due(address account) private view returns (uint256) {
        return _worth(account, index, indexLocked) - _positions[account].paid;
    }

    function _remember(address account) private {
        _positions[account].paid = _worth(account, index, indexLocked);
    }

    function _worth(address account, uint256 atIndex, uint256 atIndexLocked) private view returns (uint256) {
        return free(account) * atIndex / ACC_REWARD_SCALE + _positions[account].locked * atIndexLocked / ACC_REWARD_SCALE;
    }

    // ---------------------------------------------------------------- rules of the libraries

    function _update(address from, address to, uint256 amount) internal override {
        if (from != address(0) && to != address(0)) revert Soulbound();
        super._update(from, to, amount);
    }

    function _authorizeUpgrade(address) internal override onlyOwner {}
}
