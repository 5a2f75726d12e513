// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {vm} from "./Vm.sol";

interface IToken {
    function allowance(address owner, address spender) external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
    function nonces(address owner) external view returns (uint256);
    function DOMAIN_SEPARATOR() external view returns (bytes32);
}

interface IStaking is IToken {
    function balanceOfUnlocked(address account) external view returns (uint256);
    function lockedStakes(address account) external view returns (uint256 locked, uint256 outstanding);
    function stakes(address account) external view returns (uint256 debt, uint256 end, uint256 cooling);
}

interface IDiem is IToken {
    function stakedInfos(address account) external view returns (uint256 staked, uint256 end, uint256 cooling);
}

interface ICredits {
    function available(address account) external view returns (uint256);
}

/// Where the contracts are, and what an account has.
abstract contract Protocol {
    address internal immutable VVV = vm.envAddress("VVV");
    address internal immutable STAKING = vm.envAddress("STAKING");
    address internal immutable IMPLEMENTATION = vm.envAddress("STAKING_IMPLEMENTATION");
    address internal immutable DIEM = vm.envAddress("DIEM");
    address internal immutable CREDITS = vm.envAddress("CREDITS");
    address internal immutable OWNER = vm.envAddress("OWNER");
    address internal immutable ADMIN = vm.envAddress("ADMIN");
    address internal immutable GATEWAY = vm.envAddress("GATEWAY");

    function vvv(address who) internal view returns (uint256) {
        return IToken(VVV).balanceOf(who);
    }

    function stakeable(address who) internal view returns (uint256) {
        uint256 allowed = IToken(VVV).allowance(who, STAKING);
        return allowed == 0 ? 0 : least(allowed, vvv(who));
    }

    function staked(address who) internal view returns (uint256) {
        return IStaking(STAKING).balanceOf(who);
    }

    function unlocked(address who) internal view returns (uint256) {
        return IStaking(STAKING).balanceOfUnlocked(who);
    }

    function cooling(address who) internal view returns (uint256 held) {
        (,, held) = IStaking(STAKING).stakes(who);
    }

    function diem(address who) internal view returns (uint256) {
        return IToken(DIEM).balanceOf(who);
    }

    function burnable(address who) internal view returns (uint256) {
        (, uint256 outstanding) = IStaking(STAKING).lockedStakes(who);
        return outstanding == 0 ? 0 : least(outstanding, diem(who));
    }

    function diemStaked(address who) internal view returns (uint256 held) {
        (held,,) = IDiem(DIEM).stakedInfos(who);
    }

    function diemCooling(address who) internal view returns (uint256 held) {
        (,, held) = IDiem(DIEM).stakedInfos(who);
    }

    function credit(address who) internal view returns (uint256) {
        return ICredits(CREDITS).available(who);
    }

    function least(uint256 one, uint256 other) private pure returns (uint256) {
        return one < other ? one : other;
    }
}
