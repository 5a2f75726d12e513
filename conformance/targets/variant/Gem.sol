// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title Gem
/// @notice DIEM under other names. Its constructor gives nobody the right to mint: the admin does, afterwards.
contract Gem is AccessControl, ERC20 {
    bytes32 public constant MINTER_BURNER_ROLE = keccak256("MINTER_BURNER_ROLE");

    struct Bond {
        uint256 leaving; // DIEM
        uint256 bonded; // DIEM
        uint256 leavesAt; // Unix seconds
    }

    /// @notice Seconds.
    uint256 public unbondingTime = 1 days;

    /// @notice DIEM bonded by everybody, what is leaving included.
    uint256 public bondedByAll;

    mapping(address account => Bond) private _bonds;

    event Bonded(address indexed account, uint256 amount);
    event UnbondingStarted(address indexed account, uint256 amount);
    event UnbondingFinished(address indexed account, uint256 amount);
    event UnbondingTimeChanged(uint256 duration);

    error ZeroAmount();
    error NotEnough(uint256 there, uint256 wanted);
    error NothingLeaves();
    error TooEarly(uint256 leavesAt);

    constructor(address admin) ERC20("Diem", "DIEM") {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @return bonded DIEM
    /// @return leavesAt Unix seconds
    /// @return leaving DIEM
    function bondOf(address account) external view returns (uint256 bonded, uint256 leavesAt, uint256 leaving) {
        Bond storage bond_ = _bonds[account];
        return (bond_.bonded, bond_.leavesAt, bond_.leaving);
    }

    function mint(address to, uint256 amount) external onlyRole(MINTER_BURNER_ROLE) {
        _mint(to, amount);
    }

    function burn(address from, uint256 amount) external onlyRole(MINTER_BURNER_ROLE) {
        _burn(from, amount);
    }

    function setUnbondingTime(uint256 duration) external onlyRole(DEFAULT_ADMIN_ROLE) {
        unbondingTime = duration;
        emit UnbondingTimeChanged(duration);
    }

    function bond(uint256 amount) external {
        if (amount == 0) revert ZeroAmount();
        uint256 balance = balanceOf(msg.sender);
        if (balance < amount) revert NotEnough(balance, amount);

        _transfer(msg.sender, address(this), amount);
        _bonds[msg.sender].bonded += amount;
        bondedByAll += amount;
        emit Bonded(msg.sender, amount);
    }

    function startUnbonding(uint256 amount) external {
        Bond storage mine = _bonds[msg.sender];
        if (amount == 0) revert ZeroAmount();
        if (mine.bonded < amount) revert NotEnough(mine.bonded, amount);

        mine.bonded -= amount;
        mine.leaving += amount;
        mine.leavesAt = block.timestamp + unbondingTime;
        emit UnbondingStarted(msg.sender, amount);
    }

    function finishUnbonding() external {
        Bond storage mine = _bonds[msg.sender];
        uint256 amount = mine.leaving;
        if (amount == 0) revert NothingLeaves();
        if (block.timestamp < mine.leavesAt) revert TooEarly(mine.leavesAt);

        (mine.leaving, mine.leavesAt) = (0, 0);
        bondedByAll -= amount;
        _transfer(address(this), msg.sender, amount);
        emit UnbondingFinished(msg.sender, amount);
    }
}
