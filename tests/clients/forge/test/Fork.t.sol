// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {CreditDesk} from "../src/CreditDesk.sol";
import {IDailyCredits, IDiem, IERC20, IStaking} from "../src/Interfaces.sol";
import {vm} from "./Vm.sol";

/// Run with --fork-url, on the chain of a node of preset "minimal": code and state are the node's, and an EVM runs them.
contract ForkTest {
    IERC20 private immutable vvv = IERC20(vm.envAddress("VVV"));
    IStaking private immutable staking = IStaking(vm.envAddress("STAKING"));
    IDiem private immutable diem = IDiem(vm.envAddress("DIEM"));
    IDailyCredits private immutable credits = IDailyCredits(vm.envAddress("CREDITS"));
    address private immutable newcomer = vm.envAddress("NEWCOMER");
    address private immutable gateway = vm.envAddress("GATEWAY");
    string private url = vm.envString("DIEM_URL");

    /// Block 1 of the chain is a transfer of 200 VVV by the newcomer to the gateway.
    function testAForkIsOfAnyBlock() external {
        require(block.number == 1 && block.chainid == 8453, "latest block");
        require(vvv.balanceOf(newcomer) == 500 ether && vvv.balanceOf(gateway) == 200 ether, "latest state");
        vm.createSelectFork(url, 0);
        require(block.number == 0 && block.timestamp == 1_000_000, "genesis block");
        require(vvv.balanceOf(newcomer) == 700 ether && vvv.balanceOf(gateway) == 0, "genesis state");
    }

    function testALifeOfDiemByAnotherContract() external {
        vm.startPrank(newcomer);
        CreditDesk desk = new CreditDesk(vvv, staking, diem, credits);
        vvv.approve(address(desk), 500 ether);
        uint256 minted = desk.open(500 ether);
        vm.stopPrank();
        require(vvv.balanceOf(newcomer) == 0, "VVV is locked");
        require(diem.totalSupply() == 11 ether + minted, "DIEM is minted");
        require(credits.available(address(desk)) == minted, "credit at once");

        vm.prank(gateway);
        credits.spend(address(desk), 2 ether);
        require(credits.available(address(desk)) == minted - 2 ether, "credit is spent");
        vm.warp(block.timestamp + 100);
        require(credits.available(address(desk)) == minted, "credit of the next epoch");

        vm.prank(newcomer);
        desk.close();
        vm.warp(block.timestamp + 30);
        vm.prank(newcomer);
        desk.burn();
        require(diem.totalSupply() == 11 ether, "DIEM is burned");
        vm.warp(block.timestamp + 60);
        vm.prank(newcomer);
        require(desk.pay() > 500 ether, "principal and rewards");
    }

    function testRefusalsHaveTheirReasons() external {
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "INSUFFICIENT_BALANCE"));
        vm.prank(newcomer);
        staking.mintDiem(1, 0);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "NOT_GATEWAY"));
        credits.spend(newcomer, 1);
        vm.expectRevert(abi.encodeWithSignature("ERC20InsufficientBalance(address,uint256,uint256)", newcomer, 0, 1));
        vm.prank(newcomer);
        diem.transfer(gateway, 1);
    }

    /// The node answers without an EVM what the fork answers by bytecode.
    function testFuzzTheNodeQuotesAsBytecodeDoes(uint256 amount) external {
        amount %= 12_000 ether; // what is left of the curve costs less
        _sameAnswer(address(staking), abi.encodeCall(staking.getDiemAmountOut, (amount)));
    }

    function testTheNodeAnswersAsBytecodeDoes() external {
        _sameAnswer(address(vvv), abi.encodeCall(vvv.totalSupply, ()));
        _sameAnswer(address(diem), abi.encodeCall(diem.stakedInfos, (newcomer)));
        _sameAnswer(address(credits), abi.encodeCall(credits.available, (newcomer)));
        _sameAnswer(address(staking), abi.encodeCall(staking.pendingRewards, (newcomer)));
        _sameAnswer(address(staking), abi.encodeCall(staking.balanceOf, (address(staking))));
    }

    function _sameAnswer(address to, bytes memory data) private {
        string memory call = string.concat('[{"to":"', vm.toString(to), '","data":"', vm.toString(data), '"},"latest"]');
        (bool accepted, bytes memory here) = to.staticcall(data);
        require(accepted, "refused here");
        require(keccak256(vm.rpc(url, "eth_call", call)) == keccak256(here), "another answer");
    }
}
