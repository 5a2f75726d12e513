// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

/// What the benchmark uses of forge's cheat codes.
interface Vm {
    function envAddress(string calldata name) external view returns (address);
    function envAddress(string calldata name, string calldata delimiter) external view returns (address[] memory);
    function envBytes(string calldata name) external view returns (bytes memory);
    function envUint(string calldata name) external view returns (uint256);
    function addr(uint256 key) external pure returns (address);
    function loadAllocs(string calldata path) external;
    function prank(address sender) external;
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function warp(uint256 timestamp) external;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
