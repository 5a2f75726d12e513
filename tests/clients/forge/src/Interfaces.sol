// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

interface IERC20 {
    function approve(address spender, uint256 amount) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
    function totalSupply() external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

interface IStaking is IERC20 {
    function burnDiem(uint256 amount) external;
    function claim() external;
    function finalizeUnstake() external;
    function getDiemAmountOut(uint256 amount) external view returns (uint256);
    function initiateUnstake(uint256 amount) external;
    function mintDiem(uint256 amount, uint256 minimum) external;
    function pendingRewards(address account) external view returns (uint256);
    function stake(address recipient, uint256 amount) external;
}

interface IDiem is IERC20 {
    function initiateUnstake(uint256 amount) external;
    function stake(uint256 amount) external;
    function stakedInfos(address account) external view returns (uint256 staked, uint256 end, uint256 cooling);
    function unstake() external;
}

interface IDailyCredits {
    function available(address account) external view returns (uint256);
    function record(address account) external;
    function spend(address account, uint256 amount) external;
}
