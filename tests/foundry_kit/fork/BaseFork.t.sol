// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface Vm {
    function createSelectFork(string calldata url) external returns (uint256);
    function createSelectFork(string calldata url, uint256 number) external returns (uint256);
    function envString(string calldata name) external view returns (string memory);
    function expectRevert(bytes calldata data) external;
    function prank(address sender) external;
    function warp(uint256 timestamp) external;
}

interface Diem {
    function initiateUnstake(uint256 amount) external;
    function stake(uint256 amount) external;
    function stakedInfos(address account) external view returns (uint256, uint256, uint256);
    function totalSupply() external view returns (uint256);
    function unstake() external;
}

/// A test of somebody who knows nothing of the kit: it forks Base, at its head or at a block, and uses a holder of DIEM.
contract BaseForkTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    Diem private constant diem = Diem(0xF4d97F2da56e8c3098f3a8D538DB630A2606a024);
    address private constant holder = 0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc;

    function setUp() external {
        vm.createSelectFork(vm.envString("BASE_RPC_URL"));
    }

    function testTheHead() external view {
        require(block.chainid == 8453 && block.number == 51_530_033, "chain and block");
        require(block.timestamp == 1_789_849_413, "time");
        require(holder.balance == 10_000 ether, "ether");
        require(diem.totalSupply() == 37713657734473535977725, "supply");
    }

    function testAPinnedBlock() external {
        vm.createSelectFork(vm.envString("BASE_RPC_URL"), 51_530_033);
        require(diem.totalSupply() == 37713657734473535977725, "supply");
    }

    function testALifeOfAStake() external {
        vm.prank(holder);
        diem.stake(1000 ether);
        vm.prank(holder);
        diem.initiateUnstake(3000 ether);
        (uint256 staked, uint256 end, uint256 cooling) = diem.stakedInfos(holder);
        require(staked == 0 && end == block.timestamp + 1 days && cooling == 3000 ether, "cooling");
        vm.warp(end - 1);
        vm.prank(holder);
        vm.expectRevert("COOLDOWN_NOT_OVER");
        diem.unstake();
        vm.warp(end);
        vm.prank(holder);
        diem.unstake();
    }
}
