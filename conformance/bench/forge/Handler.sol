// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Drawn} from "./Drawn.sol";
import {IDiem, IStaking, IToken, Protocol} from "./Protocol.sol";
import {vm} from "./Vm.sol";

/// One function for each kind of call of our own generator, by its name there.
contract Handler is Drawn, Protocol {
    bytes32 private constant MINTER = keccak256("MINTER_BURNER_ROLE");
    bytes32 private constant PERMIT =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    /// Of somebody who signs permits.
    uint256 private constant KEY = 0xA11CE;

    // VVV

    function vvv_transfer(uint256 seed) external drawing(seed) {
        (address who, uint256 held) = whoHas(vvv);
        send(who, VVV, abi.encodeWithSignature("transfer(address,uint256)", anyone(), amount(held)));
    }

    function vvv_approve(uint256 seed) external drawing(seed) {
        address spender = chance(75) ? STAKING : anyone();
        uint256 value = chance(40) ? type(uint256).max : amount(1e24);
        send(anyone(), VVV, abi.encodeWithSignature("approve(address,uint256)", spender, value));
    }

    function vvv_transfer_from(uint256 seed) external drawing(seed) {
        transferFrom(VVV);
    }

    function vvv_permit(uint256 seed) external drawing(seed) {
        address signer = vm.addr(KEY);
        uint256 nonce = IToken(VVV).nonces(signer) + (chance(10) ? 1 : 0);
        uint256 value = amount(1e21);
        bytes32 inner = keccak256(abi.encode(PERMIT, signer, STAKING, value, nonce, type(uint256).max));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", IToken(VVV).DOMAIN_SEPARATOR(), inner));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest);
        if (chance(30)) r = bytes32(below(2 ** 255));
        string memory permit = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)";
        send(anyone(), VVV, abi.encodeWithSignature(permit, signer, STAKING, value, type(uint256).max, v, r, s));
    }

    function vvv_mint(uint256 seed) external drawing(seed) {
        send(anyone(), VVV, abi.encodeWithSignature("mint(address,uint256)", anyone(), below(1e24)));
    }

    function vvv_transfer_ownership(uint256 seed) external drawing(seed) {
        send(anyone(), VVV, abi.encodeWithSignature("transferOwnership(address)", anyone()));
    }

    // staking

    function staking_stake(uint256 seed) external drawing(seed) {
        (address who, uint256 held) = whoHas(stakeable);
        address to = chance(70) ? who : anyone();
        send(who, STAKING, abi.encodeWithSignature("stake(address,uint256)", to, amount(held)));
    }

    function staking_initiate_unstake(uint256 seed) external drawing(seed) {
        (address who, uint256 held) = whoHas(unlocked);
        send(who, STAKING, abi.encodeWithSignature("initiateUnstake(uint256)", amount(held)));
    }

    function staking_finalize_unstake(uint256 seed) external drawing(seed) {
        (address who,) = whoHas(cooling);
        (, uint256 end,) = IStaking(STAKING).stakes(who);
        sendAt(edge(end + 1), who, STAKING, abi.encodeWithSignature("finalizeUnstake()"));
    }

    function staking_claim(uint256 seed) external drawing(seed) {
        (address who,) = whoHas(staked);
        send(who, STAKING, abi.encodeWithSignature("claim()"));
    }

    function staking_claim_and_stake(uint256 seed) external drawing(seed) {
        (address who,) = whoHas(staked);
        send(who, STAKING, abi.encodeWithSignature("claimAndStake()"));
    }

    function staking_mint_diem(uint256 seed) external drawing(seed) {
        (address who, uint256 held) = whoHas(unlocked);
        send(who, STAKING, abi.encodeWithSignature("mintDiem(uint256,uint256)", amount(held), below(2)));
    }

    function staking_burn_diem(uint256 seed) external drawing(seed) {
        (address who, uint256 held) = whoHas(burnable);
        send(who, STAKING, abi.encodeWithSignature("burnDiem(uint256)", amount(held)));
    }

    function staking_transfer_svvv(uint256 seed) external drawing(seed) {
        send(anyone(), STAKING, abi.encodeWithSignature("transfer(address,uint256)", anyone(), below(1e20)));
    }

    function staking_approve_svvv(uint256 seed) external drawing(seed) {
        send(anyone(), STAKING, abi.encodeWithSignature("approve(address,uint256)", anyone(), below(1e20)));
    }

    function staking_transfer_svvv_from(uint256 seed) external drawing(seed) {
        transferFrom(STAKING);
    }

    // staking's owner

    function owner_set_emission_rate(uint256 seed) external drawing(seed) {
        send(owner(), STAKING, abi.encodeWithSignature("setEmissionRate(uint256)", below(1e18)));
    }

    function owner_set_venice_emissions_percentage(uint256 seed) external drawing(seed) {
        send(owner(), STAKING, abi.encodeWithSignature("setVeniceEmissionsPercentage(uint256)", below(1.2e18)));
    }

    function owner_set_venice_emissions_percentage_when_locked(uint256 seed) external drawing(seed) {
        string memory function_ = "setVeniceEmissionsPercentageWhenLocked(uint256)";
        send(owner(), STAKING, abi.encodeWithSignature(function_, below(1.2e18)));
    }

    function owner_set_cooldown_duration(uint256 seed) external drawing(seed) {
        send(owner(), STAKING, abi.encodeWithSignature("setCooldownDuration(uint256)", below(8 days)));
    }

    function owner_set_treasury(uint256 seed) external drawing(seed) {
        address treasury = chance(15) ? address(0) : anyone();
        send(owner(), STAKING, abi.encodeWithSignature("setTreasury(address)", treasury));
    }

    function owner_set_diem_mint_curve(uint256 seed) external drawing(seed) {
        uint256[256] memory supplies;
        uint256[256] memory rates;
        uint256 rate = 90e18 + below(100e18);
        for (uint256 step = 0; step < 256; ++step) {
            supplies[step] = (step + 1) * 500e18;
            rates[step] = rate;
            rate += rate / 250;
        }
        send(owner(), STAKING, abi.encodeWithSignature("setDiemMintCurve(uint256[256],uint256[256])", supplies, rates));
    }

    function owner_transfer_ownership(uint256 seed) external drawing(seed) {
        address heir = chance(15) ? address(0) : OWNER;
        send(owner(), STAKING, abi.encodeWithSignature("transferOwnership(address)", heir));
    }

    function owner_renounce_ownership(uint256 seed) external drawing(seed) {
        send(owner(), STAKING, abi.encodeWithSignature("renounceOwnership()"));
    }

    function owner_initialize(uint256 seed) external drawing(seed) {
        string memory function_ = "initialize(address,address,address,address)";
        send(anyone(), STAKING, abi.encodeWithSignature(function_, anyone(), anyone(), anyone(), anyone()));
    }

    function owner_upgrade_to_and_call(uint256 seed) external drawing(seed) {
        address implementation = chance(70) ? IMPLEMENTATION : VVV;
        send(owner(), STAKING, abi.encodeWithSignature("upgradeToAndCall(address,bytes)", implementation, ""));
    }

    // DIEM

    function diem_transfer(uint256 seed) external drawing(seed) {
        (address who, uint256 held) = whoHas(diem);
        send(who, DIEM, abi.encodeWithSignature("transfer(address,uint256)", anyone(), amount(held)));
    }

    function diem_approve(uint256 seed) external drawing(seed) {
        send(anyone(), DIEM, abi.encodeWithSignature("approve(address,uint256)", anyone(), amount(1e21)));
    }

    function diem_transfer_from(uint256 seed) external drawing(seed) {
        transferFrom(DIEM);
    }

    function diem_stake(uint256 seed) external drawing(seed) {
        (address who, uint256 held) = whoHas(diem);
        send(who, DIEM, abi.encodeWithSignature("stake(uint256)", amount(held)));
    }

    function diem_initiate_unstake(uint256 seed) external drawing(seed) {
        (address who, uint256 held) = whoHas(diemStaked);
        send(who, DIEM, abi.encodeWithSignature("initiateUnstake(uint256)", amount(held)));
    }

    function diem_unstake(uint256 seed) external drawing(seed) {
        (address who,) = whoHas(diemCooling);
        (, uint256 end,) = IDiem(DIEM).stakedInfos(who);
        sendAt(edge(end + 1), who, DIEM, abi.encodeWithSignature("unstake()"));
    }

    function diem_mint(uint256 seed) external drawing(seed) {
        send(anyone(), DIEM, abi.encodeWithSignature("mint(address,uint256)", anyone(), below(1e20)));
    }

    function diem_burn(uint256 seed) external drawing(seed) {
        send(anyone(), DIEM, abi.encodeWithSignature("burn(address,uint256)", anyone(), below(1e20)));
    }

    function diem_set_cooldown_duration(uint256 seed) external drawing(seed) {
        send(admin(), DIEM, abi.encodeWithSignature("setCooldownDuration(uint256)", below(2 days)));
    }

    function diem_grant_role(uint256 seed) external drawing(seed) {
        address heir = chance(60) ? STAKING : anyone();
        send(admin(), DIEM, abi.encodeWithSignature("grantRole(bytes32,address)", MINTER, heir));
    }

    function diem_revoke_role(uint256 seed) external drawing(seed) {
        send(admin(), DIEM, abi.encodeWithSignature("revokeRole(bytes32,address)", MINTER, anyone()));
    }

    function diem_renounce_role(uint256 seed) external drawing(seed) {
        address who = anyone();
        send(who, DIEM, abi.encodeWithSignature("renounceRole(bytes32,address)", MINTER, who));
    }

    // DailyCredits

    function credits_record(uint256 seed) external drawing(seed) {
        send(anyone(), CREDITS, abi.encodeWithSignature("record(address)", anyone()));
    }

    function credits_spend(uint256 seed) external drawing(seed) {
        (address who, uint256 held) = whoHas(credit);
        address gateway = chance(10) ? anyone() : GATEWAY;
        send(gateway, CREDITS, abi.encodeWithSignature("spend(address,uint256)", who, amount(held)));
    }

    // views

    function views_view(uint256 seed) external drawing(seed) {
        uint256 which = below(6);
        address who = anyone();
        if (which == 0) send(who, VVV, abi.encodeWithSignature("balanceOf(address)", who));
        else if (which == 1) send(who, VVV, abi.encodeWithSignature("name()"));
        else if (which == 2) send(who, STAKING, abi.encodeWithSignature("pendingRewards(address)", who));
        else if (which == 3) send(who, STAKING, abi.encodeWithSignature("getDiemAmountOut(uint256)", amount(1e21)));
        else if (which == 4) send(who, DIEM, abi.encodeWithSignature("stakedInfos(address)", who));
        else send(who, CREDITS, abi.encodeWithSignature("available(address)", who));
    }

    /// By somebody who is allowed it, if one of a few pairs is.
    function transferFrom(address token) private {
        address from;
        address spender;
        uint256 held;
        for (uint256 tries = 0; tries < 8 && held == 0; ++tries) {
            (from, spender) = (anyone(), anyone());
            held = IToken(token).allowance(from, spender);
        }
        bytes memory data =
            abi.encodeWithSignature("transferFrom(address,address,uint256)", from, anyone(), amount(held));
        send(spender, token, data);
    }

    function owner() private returns (address) {
        return chance(15) ? anyone() : OWNER;
    }

    function admin() private returns (address) {
        return chance(15) ? anyone() : ADMIN;
    }
}
