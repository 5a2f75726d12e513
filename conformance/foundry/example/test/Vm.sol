// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// What these tests use of Foundry's cheat codes; forge-std's `Test` does as well.
interface Vm {
    function expectRevert(bytes calldata data) external;
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
