// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

/// What these tests use of forge's cheatcodes.
interface Vm {
    function createSelectFork(string calldata url, uint256 blockNumber) external returns (uint256);
    function envAddress(string calldata name) external view returns (address);
    function envString(string calldata name) external view returns (string memory);
    function expectRevert(bytes calldata data) external;
    function prank(address sender) external;
    function rpc(string calldata url, string calldata method, string calldata parameters)
        external
        returns (bytes memory);
    function startPrank(address sender) external;
    function stopPrank() external;
    function toString(address value) external pure returns (string memory);
    function toString(bytes calldata value) external pure returns (string memory);
    function warp(uint256 timestamp) external;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
