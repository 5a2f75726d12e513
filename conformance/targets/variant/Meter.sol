// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

interface IBonds {
    function bondOf(address account) external view returns (uint256 bonded, uint256 leavesAt, uint256 leaving);
}

/// @title Meter
/// @notice DailyCredits under other names: one mapping for each number, and no event when a stake is recorded.
contract Meter {
    uint256 public immutable epochDuration;
    bool public immutable creditAtOnce;

    mapping(address account => uint256) private _used;
    mapping(address account => uint256) private _bonded;
    mapping(address account => uint256) private _allowed;
    mapping(address account => uint256) private _lastEpoch;
    address public gateway;
    IBonds public diem;
    uint256 public minimumStake;

    event Used(address indexed account, uint256 epoch, uint256 amount);

    error OnlyGateway(address caller);
    error ZeroAmount();

    constructor(IBonds diem_, address gateway_, uint256 epochDuration_, uint256 minimumStake_, bool creditAtOnce_) {
        (diem, gateway, minimumStake) = (diem_, gateway_, minimumStake_);
        (epochDuration, creditAtOnce) = (epochDuration_, creditAtOnce_);
    }

    function update(address account) external {
        _roll(account);
        (uint256 bonded,,) = diem.bondOf(account);
        _bonded[account] = bonded;
        if (creditAtOnce && bonded > _allowed[account]) _allowed[account] = bonded;
    }

    function use(address account, uint256 amount) external {
        if (msg.sender != gateway) revert OnlyGateway(msg.sender);
        if (amount == 0) revert ZeroAmount();
        require(amount <= left(account), "not enough credit");

        _roll(account);
        _used[account] += amount;
        emit Used(account, epoch(), amount);
    }

    function epoch() public view returns (uint256) {
        return block.timestamp / epochDuration;
    }

    function allowedToday(address account) public view returns (uint256) {
        return _isToday(account) ? _allowed[account] : _bonded[account];
    }

    function usedToday(address account) public view returns (uint256) {
        return _isToday(account) ? _used[account] : 0;
    }

    function left(address account) public view returns (uint256) {
        uint256 allowed = allowedToday(account);
        return allowed < minimumStake ? 0 : allowed - usedToday(account);
    }

    function accountOf(address account) external view returns (uint256, uint256, uint256, uint256) {
        return (_lastEpoch[account], _allowed[account], _bonded[account], _used[account]);
    }

    function _roll(address account) private {
        if (_isToday(account)) return;
        _lastEpoch[account] = epoch();
        _allowed[account] = _bonded[account];
        _used[account] = 0;
    }

    function _isToday(address account) private view returns (bool) {
        return _lastEpoch[account] == epoch();
    }
}
