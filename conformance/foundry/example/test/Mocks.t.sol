// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Snapshot20260919} from "diem/Snapshot20260919.sol";
import {vm} from "./Vm.sol";

/// DIEM as it is often written by hand for tests. Every function of it is wrong.
contract MockDiem {
    struct Info {
        uint256 amountStaked;
        uint256 coolDownAmount;
        uint256 coolDownEnd;
    }

    mapping(address => Info) public stakedInfos; // amount, amount, end

    function stake(address recipient, uint256 amount) external {
        stakedInfos[recipient].amountStaked += amount;
    }

    function initiateUnstake(uint256 amount) external {
        Info storage info = stakedInfos[msg.sender];
        info.amountStaked -= amount;
        info.coolDownAmount += amount;
        if (info.coolDownEnd == 0) info.coolDownEnd = block.timestamp + 1 days; // the first clock goes on
    }

    function unstake() external {
        Info storage info = stakedInfos[msg.sender];
        require(block.timestamp > info.coolDownEnd, "cooldown"); // one second late, and in other words
        (info.coolDownAmount, info.coolDownEnd) = (0, 0);
    }
}

/// What a test against such a mock does not tell: the same calls on the mock and on the contract.
contract MocksTest is Snapshot20260919 {
    MockDiem private mock;
    address private constant ann = address(0xA11);

    function setUp() external {
        startVenice();
        mock = new MockDiem();
        giveDiem(ann, 10 ether);
        giveStakedVvv(ann, 1000 ether);
        vm.startPrank(ann);
        mock.stake(ann, 10 ether);
        diem.stake(10 ether);
    }

    /// stakedInfos: amountStaked, coolDownEnd, coolDownAmount; stakes of sVVV: rewardDebt, cooldownEnd, cooldownAmount.
    function testTheOrderOfTheFields() external {
        mock.initiateUnstake(4 ether);
        diem.initiateUnstake(4 ether);
        (, uint256 secondOfMock,) = mock.stakedInfos(ann);
        (, uint256 second, uint256 third) = diem.stakedInfos(ann);
        require(secondOfMock == 4 ether, "the mock has the amount here");
        require(second == block.timestamp + 1 days && third == 4 ether, "the contract has the time");

        staking.initiateUnstake(300 ether);
        (, uint256 end, uint256 amount) = staking.stakes(ann);
        require(end == block.timestamp + 7 days && amount == 300 ether, "so has sVVV");
    }

    /// A second unstake of DIEM starts the clock of all that cools down again; of VVV it is refused.
    function testASecondUnstakeStartsTheClockAgain() external {
        mock.initiateUnstake(4 ether);
        diem.initiateUnstake(4 ether);
        staking.initiateUnstake(300 ether);
        passTime(12 hours);
        mock.initiateUnstake(1);
        diem.initiateUnstake(1);
        vm.expectRevert("COOLDOWN_IN_PROGRESS");
        staking.initiateUnstake(1);

        passTime(12 hours + 1);
        mock.unstake();
        vm.expectRevert("COOLDOWN_NOT_OVER");
        diem.unstake();
        passTime(12 hours - 1);
        diem.unstake();
        require(diem.balanceOf(ann) == 4 ether + 1, "all at once");
    }

    /// The boundary is inclusive.
    function testTheLastSecondOfACooldown() external {
        mock.initiateUnstake(4 ether);
        diem.initiateUnstake(4 ether);
        passTime(1 days);
        vm.expectRevert("cooldown");
        mock.unstake();
        diem.unstake();
    }

    /// DIEM: stake(uint256), for the caller, with no allowance. sVVV: stake(address,uint256), with one.
    function testStakeTakesOneArgument() external {
        mock.stake(ann, 1 ether);
        (bool accepted, bytes memory data) =
            address(diem).call(abi.encodeWithSignature("stake(address,uint256)", ann, 1 ether));
        require(!accepted && data.length == 0, "DIEM has no such function");
        require(diem.allowance(ann, address(diem)) == 0, "and was allowed nothing");

        vm.stopPrank();
        giveVvv(ann, 5 ether);
        vm.startPrank(ann);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        staking.stake(ann, 5 ether);
        vvv.approve(address(staking), 5 ether);
        staking.stake(ann, 5 ether);
    }

    /// Of what locked sVVV earns, a fifth goes to the treasury.
    function testLockedStakeEarnsFourFifths() external {
        vm.stopPrank();
        address locker = address(0x10C);
        giveStakedVvv(locker, 1000 ether);
        vm.prank(locker);
        staking.mintDiem(1000 ether, 0);

        uint256 before = staking.pendingRewards(ann);
        passTime(30 days);
        (uint256 free, uint256 locked) = (staking.pendingRewards(ann) - before, staking.pendingRewards(locker));
        require(locked * 10 / 8 <= free + 10 && locked * 10 / 8 + 10 >= free, "80 %");
        vm.prank(locker);
        vm.expectRevert("INSUFFICIENT_BALANCE");
        staking.initiateUnstake(1);
    }
}
