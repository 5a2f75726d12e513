// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

/// @title Coin
/// @notice VVV under other names: a token with custom errors in place of strings and panics, and without permits.
contract Coin {
    address public owner;
    uint256 public totalSupply;
    mapping(address holder => mapping(address spender => uint256)) private _allowed;
    mapping(address holder => uint256) private _held;
    string public symbol;
    string public name;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Handover(address indexed from, address indexed to);

    error NotOwner(address caller);
    error NotEnough();

    constructor(string memory name_, string memory symbol_, address treasury, uint256 supply) {
        (name, symbol, owner) = (name_, symbol_, msg.sender);
        _issue(treasury, supply);
    }

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    function decimals() external pure returns (uint8) {
        return 18;
    }

    function balanceOf(address holder) external view returns (uint256) {
        return _held[holder];
    }

    function allowance(address holder, address spender) external view returns (uint256) {
        return _allowed[holder][spender];
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        _allowed[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 allowed = _allowed[from][msg.sender];
        if (allowed != type(uint256).max) _allowed[from][msg.sender] = _minus(allowed, amount);
        _move(from, to, amount);
        return true;
    }

    function issue(address to, uint256 amount) external onlyOwner {
        _issue(to, amount);
    }

    function handOver(address to) external onlyOwner {
        owner = to;
        emit Handover(msg.sender, to);
    }

    function _issue(address to, uint256 amount) private {
        unchecked {
            if (totalSupply + amount < amount) revert NotEnough();
            totalSupply += amount;
            _held[to] += amount;
        }
        emit Transfer(address(0), to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        _held[from] = _minus(_held[from], amount);
        unchecked {
            _held[to] += amount;
        }
        emit Transfer(from, to, amount);
    }

    function _minus(uint256 a, uint256 b) private pure returns (uint256) {
        if (a < b) revert NotEnough();
        return a - b;
    }
}
