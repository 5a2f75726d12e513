// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// VVV, the token.
interface IVVV {
    event Approval(address indexed owner, address indexed spender, uint256 amount);
    event OwnershipTransferred(address indexed user, address indexed newOwner);
    event Transfer(address indexed from, address indexed to, uint256 amount);

    /// Allow `spender` to move `value` of `owner`'s VVV, by the owner's signature; anyone may bring it.
    /// Reverts, in this order: PERMIT_DEADLINE_EXPIRED, INVALID_SIGNER.
    /// Events: Approval(owner, spender, value).
    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    function DOMAIN_SEPARATOR() external view returns (bytes32);

    /// Move the caller's VVV. The zero address is a recipient like any other.
    /// Reverts, in this order: Panic(0x11).
    /// Events: Transfer(sender, recipient, amount).
    function transfer(address to, uint256 amount) external returns (bool);

    /// Move VVV that its owner has allowed the caller to move. An allowance of 2^256-1 is never lowered.
    /// Reverts, in this order: Panic(0x11).
    /// Events: Transfer(owner, recipient, amount).
    function transferFrom(address from, address to, uint256 amount) external returns (bool);

    /// Allow `spender` to move `amount` of the caller's VVV, whatever was allowed before.
    /// Events: Approval(sender, spender, amount).
    function approve(address spender, uint256 amount) external returns (bool);

    /// Create VVV, at the owner's word.
    /// Reverts, in this order: UNAUTHORIZED, Panic(0x11).
    /// Events: Transfer(0, recipient, amount).
    function mint(address to, uint256 amount) external;

    /// Hand the right to mint to `new_owner`, whoever that is.
    /// Reverts, in this order: UNAUTHORIZED.
    /// Events: OwnershipTransferred(sender, new_owner).
    function transferOwnership(address newOwner) external;

    function name() external view returns (string memory);
    function symbol() external view returns (string memory);
    function decimals() external view returns (uint8);
    function totalSupply() external view returns (uint256);
    function balanceOf(address owner) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
    function nonces(address owner) external view returns (uint256);
    function owner() external view returns (address);
}
