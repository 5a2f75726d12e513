// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// What the fixture uses of Foundry's cheat codes. No forge-std is needed, and none is in the way.
interface VeniceVm {
    function chainId(uint256 id) external;
    function loadAllocs(string calldata path) external;
    function projectRoot() external view returns (string memory);
    function roll(uint256 number) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function warp(uint256 timestamp) external;
}

VeniceVm constant VENICE_VM = VeniceVm(address(uint160(uint256(keccak256("hevm cheat code")))));
