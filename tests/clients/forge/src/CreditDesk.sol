// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IDailyCredits, IDiem, IERC20, IStaking} from "./Interfaces.sol";

/// A contract of somebody else: it turns its owner's VVV into daily credit, and back into VVV.
contract CreditDesk {
    IERC20 private immutable vvv;
    IStaking private immutable staking;
    IDiem private immutable diem;
    IDailyCredits private immutable credits;
    address private immutable owner = msg.sender;

    constructor(IERC20 vvv_, IStaking staking_, IDiem diem_, IDailyCredits credits_) {
        (vvv, staking, diem, credits) = (vvv_, staking_, diem_, credits_);
    }

    modifier onlyOwner() {
        require(msg.sender == owner, "NOT_OWNER");
        _;
    }

    /// Lock `amount` of VVV, and stake the DIEM that it mints.
    function open(uint256 amount) external onlyOwner returns (uint256 minted) {
        vvv.transferFrom(owner, address(this), amount);
        vvv.approve(address(staking), amount);
        staking.stake(address(this), amount);
        minted = staking.getDiemAmountOut(amount);
        staking.mintDiem(amount, minted);
        diem.stake(minted);
        credits.record(address(this));
    }

    /// Begin to take the DIEM out.
    function close() external onlyOwner {
        (uint256 staked,,) = diem.stakedInfos(address(this));
        diem.initiateUnstake(staked);
        credits.record(address(this));
    }

    /// Burn the DIEM, and begin to take the VVV out.
    function burn() external onlyOwner {
        diem.unstake();
        staking.burnDiem(diem.balanceOf(address(this)));
        staking.initiateUnstake(staking.balanceOf(address(this)));
    }

    /// Pay the VVV out, with what it has earned.
    function pay() external onlyOwner returns (uint256 paid) {
        staking.finalizeUnstake();
        paid = vvv.balanceOf(address(this));
        vvv.transfer(owner, paid);
    }
}
