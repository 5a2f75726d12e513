// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Snapshot20260919} from "diem/Snapshot20260919.sol";
import {Vm, vm} from "./Vm.sol";
import {DiemDesk} from "../src/DiemDesk.sol";

contract DiemDeskTest is Snapshot20260919 {
    DiemDesk private desk;
    address private constant ann = address(0xA11);
    address private constant ben = address(0xBE1);

    function setUp() external {
        startVenice();
        desk = new DiemDesk(diem, credits);
        _deposit(ann, 40 ether);
        _deposit(ben, 60 ether);
    }

    function testDepositsGiveCreditFromTheNextMidnight() external {
        (uint256 amountStaked,,) = diem.stakedInfos(address(desk));
        require(amountStaked == 100 ether, "one position");
        require(credits.available(address(desk)) == 0, "not on the day of the stake");
        passTime(1 days);
        require(credits.available(address(desk)) == 100 ether, "1 USD for each DIEM");
        vm.prank(GATEWAY);
        credits.spend(address(desk), 30 ether);
        require(credits.available(address(desk)) == 70 ether, "spent");
        passTime(1 days);
        require(credits.available(address(desk)) == 100 ether, "every day anew");
    }

    function testNobodyKeepsAnotherWaiting() external {
        vm.prank(ann);
        desk.leave(40 ether);
        desk.close();
        (, uint256 coolDownEnd,) = diem.stakedInfos(address(desk));

        passTime(12 hours);
        vm.prank(ben);
        desk.leave(1 ether);
        vm.expectRevert("COOLING");
        desk.close();
        (, uint256 still,) = diem.stakedInfos(address(desk));
        require(still == coolDownEnd, "the clock of the first batch runs on");
    }

    function testTheCooldownIsOverAtItsLastSecond() external {
        vm.prank(ann);
        desk.leave(40 ether);
        desk.close();
        passTime(1 days - 1);
        vm.expectRevert("COOLDOWN_NOT_OVER");
        desk.open();
        passTime(1);
        desk.open();
        vm.prank(ann);
        desk.take(1);
        require(diem.balanceOf(ann) == 40 ether, "all of it");
    }

    function _deposit(address client, uint256 amount) private {
        giveDiem(client, amount);
        vm.startPrank(client);
        diem.approve(address(desk), amount);
        desk.deposit(amount);
        vm.stopPrank();
    }
}
