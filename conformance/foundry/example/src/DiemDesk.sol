// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {IDIEM} from "diem/interfaces/IDIEM.sol";
import {IDailyCredits} from "diem/interfaces/IDailyCredits.sol";

/// Stakes the DIEM of many clients in one position, whose daily credit the desk's gateway spends for them.
///
/// The whole position has one cooldown, and whoever begins to unstake starts its clock again. So withdrawals go in batches:
/// while one cools down, the next one is only gathered.
contract DiemDesk {
    IDIEM public immutable diem;
    IDailyCredits public immutable credits;

    /// Client |-> DIEM that is staked for it.
    mapping(address => uint256) public deposits;
    /// Client |-> batch |-> DIEM that it takes out with it.
    mapping(address => mapping(uint256 => uint256)) public leaving;
    /// Batch |-> DIEM in it.
    mapping(uint256 => uint256) public total;

    /// The batch that is gathered; the one before it cools down, and all earlier ones are there to be taken.
    uint256 public batch = 1;
    bool public cooling;

    constructor(IDIEM diem_, IDailyCredits credits_) {
        (diem, credits) = (diem_, credits_);
    }

    function deposit(uint256 amount) external {
        deposits[msg.sender] += amount;
        diem.transferFrom(msg.sender, address(this), amount);
        diem.stake(amount); // no allowance, and for nobody but the caller
        credits.record(address(this));
    }

    /// Puts DIEM into the batch that is gathered.
    function leave(uint256 amount) external {
        deposits[msg.sender] -= amount;
        leaving[msg.sender][batch] += amount;
        total[batch] += amount;
    }

    /// Starts the cooldown of the batch, unless another one cools down.
    function close() external {
        require(!cooling, "COOLING");
        cooling = true;
        diem.initiateUnstake(total[batch]);
        credits.record(address(this));
        batch += 1;
    }

    /// Ends the cooldown; anyone may do it from its last second on.
    function open() external {
        cooling = false;
        diem.unstake();
    }

    /// Pays out what has cooled down.
    function take(uint256 number) external {
        require(number + (cooling ? 1 : 0) < batch, "NOT_YET");
        uint256 amount = leaving[msg.sender][number];
        leaving[msg.sender][number] = 0;
        diem.transfer(msg.sender, amount);
    }
}
