// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IDIEM} from "./interfaces/IDIEM.sol";

/// @title DailyCredits
/// @notice One staked DIEM gives one credit (1 USD, 18 decimals) in every epoch. Unused credit does not roll over.
/// @dev An account is rolled into the present epoch when it is touched, so an epoch costs nothing until then.
contract DailyCredits {
    struct Account {
        uint256 epoch; // the epoch of the last touch
        uint256 allocation; // credits of that epoch
        uint256 staked; // DIEM last recorded
        uint256 spent; // credits spent in that epoch
    }

    IDIEM public diem;

    /// @notice The only address that may spend.
    address public gateway;

    /// @notice Whether a stake recorded during an epoch raises that epoch's allocation.
    bool public creditAtOnce;

    /// @notice Seconds.
    uint256 public epochDuration;

    /// @notice DIEM; below this allocation nothing can be spent.
    uint256 public minimumStake;

    /// @notice As stored at the last touch, not rolled.
    mapping(address account => Account) public accounts;

    event Recorded(address indexed account, uint256 indexed epoch, uint256 staked);
    event Spent(address indexed account, uint256 indexed epoch, uint256 amount);

    /// @param epochDuration_ seconds
    /// @param minimumStake_ DIEM in base units
    constructor(address diem_, address gateway_, uint256 epochDuration_, uint256 minimumStake_, bool creditAtOnce_) {
        diem = IDIEM(diem_);
        gateway = gateway_;
        epochDuration = epochDuration_;
        minimumStake = minimumStake_;
        creditAtOnce = creditAtOnce_;
    }

    /// @notice Records the account's present stake of DIEM. Anyone may call.
    function record(address account) external {
        Account memory a = _rolled(account);
        (a.staked,,) = diem.stakedInfos(account);
        if (creditAtOnce && a.staked > a.allocation) a.allocation = a.staked;
        accounts[account] = a;
        emit Recorded(account, a.epoch, a.staked);
    }

    /// @param amount credits, 18 decimals
    function spend(address account, uint256 amount) external {
        require(msg.sender == gateway, "NOT_GATEWAY");
        require(amount > 0, "SPEND_ZERO");
        require(amount <= available(account), "INSUFFICIENT_BALANCE");

        Account memory a = _rolled(account);
        a.spent += amount;
        accounts[account] = a;
        emit Spent(account, a.epoch, amount);
    }

    /// @return the number of the present epoch
    function epoch() public view returns (uint256) {
        return block.timestamp / epochDuration;
    }

    /// @return credits of the present epoch, spent or not
    function allocation(address account) external view returns (uint256) {
        return _rolled(account).allocation;
    }

    /// @return credits spent in the present epoch
    function spent(address account) external view returns (uint256) {
        return _rolled(account).spent;
    }

    /// @return credits that can still be spent in the present epoch
    function available(address account) public view returns (uint256) {
        Account memory a = _rolled(account);
        return a.allocation >= minimumStake ? a.allocation - a.spent : 0;
    }

    /// @dev The account in the present epoch, whose allocation is the stake last recorded before the epoch began.
    function _rolled(address account) internal view returns (Account memory a) {
        a = accounts[account];
        uint256 present = epoch();
        if (present != a.epoch) {
            a.epoch = present;
            a.allocation = a.staked;
            a.spent = 0;
        }
    }
}
