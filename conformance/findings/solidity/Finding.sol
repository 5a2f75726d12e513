// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// What the tests use of Foundry's cheat codes.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function chainId(uint256 id) external;
    function deal(address account, uint256 wei_) external;
    function envOr(string calldata name, string calldata otherwise) external view returns (string memory);
    function getRecordedLogs() external returns (Log[] memory);
    function load(address account, bytes32 slot) external view returns (bytes32);
    function loadAllocs(string calldata path) external;
    function prank(address sender) external;
    function projectRoot() external view returns (string memory);
    function recordLogs() external;
    function toString(bytes calldata value) external pure returns (string memory);
    function toString(uint256 value) external pure returns (string memory);
    function warp(uint256 timestamp) external;
}

/// A divergence, replayed: what the specification says is what is asserted.
abstract contract Finding {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    struct Answer {
        bool accepted;
        bytes output;
        Vm.Log[] logs;
    }

    /// Puts codes and words of a state in place. STATE in the environment names another one: a file with a slash in its
    /// path, or what stands in its name behind the preset, such as `reference`.
    function start(string memory state, uint256 chainId) internal {
        vm.chainId(chainId);
        string memory path = vm.envOr("STATE", state);
        if (cut(path, "/") == 0) path = string.concat(beginning(state, cut(state, "-")), path, ".json");
        vm.loadAllocs(bytes(path)[0] == "/" ? path : string.concat(vm.projectRoot(), "/", path));
    }

    /// How long a text is up to the last of a character, and with it; 0 if it has none.
    function cut(string memory text, bytes1 character) internal pure returns (uint256 length) {
        for (length = bytes(text).length; length > 0 && bytes(text)[length - 1] != character; --length) {}
    }

    /// The first bytes of a text.
    function beginning(string memory text, uint256 length) internal pure returns (string memory) {
        bytes memory taken = new bytes(length);
        for (uint256 at = 0; at < length; ++at) taken[at] = bytes(text)[at];
        return string(taken);
    }

    /// Calls `to` as `sender` at `timestamp` (s).
    function send(uint256 timestamp, address sender, address to, bytes memory data) internal returns (Answer memory) {
        return sendWith(0, timestamp, sender, to, data);
    }

    function sendWith(uint256 wei_, uint256 timestamp, address sender, address to, bytes memory data)
        internal
        returns (Answer memory answer)
    {
        vm.warp(timestamp);
        if (wei_ > 0) vm.deal(sender, wei_);
        vm.recordLogs();
        vm.prank(sender);
        (answer.accepted, answer.output) = to.call{value: wei_}(data);
        answer.logs = vm.getRecordedLogs();
    }

    function isAccepted(Answer memory answer) internal pure {
        if (!answer.accepted) {
            fail("status: the specification accepts this call, the bytecode refuses it with", answer.output);
        }
    }

    function outputIs(Answer memory answer, bytes memory expected) internal pure {
        if (!same(answer.output, expected)) {
            fail(string.concat("output: expected ", vm.toString(expected), ", found"), answer.output);
        }
    }

    /// `right` says whether the revert data are what the specification answers, which is called `reason`.
    function isRefused(Answer memory answer, bool right, string memory reason) internal pure {
        if (answer.accepted) {
            string memory what = string.concat("status: the specification refuses this call with ", reason);
            revert(string.concat(what, ", the bytecode accepts it"));
        }
        if (!right) fail(string.concat("status: expected ", reason, ", found"), answer.output);
    }

    function says(Answer memory answer, bytes memory data) internal pure returns (bool) {
        return same(answer.output, data);
    }

    /// Whether the revert data are a custom error with so many words of arguments, whatever they are.
    function saysLike(Answer memory answer, bytes4 selector, uint256 words) internal pure returns (bool) {
        return bytes4(answer.output) == selector && answer.output.length == 4 + 32 * words;
    }

    /// Whether the revert data are a custom error with arguments of which one is of a dynamic type, whatever they are.
    function saysOf(Answer memory answer, bytes4 selector) internal pure returns (bool) {
        return answer.output.length > 4 && bytes4(answer.output) == selector;
    }

    /// Leaves out logs that are not looked at.
    function without(Answer memory answer, address emitter, bytes32 topic) internal pure {
        Vm.Log[] memory logs = answer.logs;
        uint256 kept;
        for (uint256 i; i < logs.length; i++) {
            bool out = logs[i].emitter == emitter && logs[i].topics.length > 0 && logs[i].topics[0] == topic;
            if (!out) logs[kept++] = logs[i];
        }
        answer.logs = new Vm.Log[](kept);
        for (uint256 i; i < kept; i++) answer.logs[i] = logs[i];
    }

    /// `topics` are one after another; `event_` is for people.
    function logIs(
        Answer memory answer,
        uint256 number,
        address emitter,
        bytes memory topics,
        bytes memory data,
        string memory event_
    ) internal pure {
        string memory what = string.concat("log ", vm.toString(number), ": expected ", event_);
        if (number >= answer.logs.length) revert(string.concat(what, ", found no log"));
        Vm.Log memory log = answer.logs[number];
        if (log.emitter != emitter) fail(string.concat(what, ", found a log from"), abi.encodePacked(log.emitter));
        bytes memory found = abi.encodePacked(log.topics);
        if (!same(found, topics)) fail(string.concat(what, ", found the topics"), found);
        if (!same(log.data, data)) fail(string.concat(what, ", found the data"), log.data);
    }

    function logsAre(Answer memory answer, uint256 count) internal pure {
        if (answer.logs.length <= count) return;
        string memory what = string.concat("log ", vm.toString(count), ": expected no log, found one with the topics");
        fail(what, abi.encodePacked(answer.logs[count].topics));
    }

    function wordIs(address account, uint256 slot, uint256 expected, string memory variable) internal view {
        partIs(account, slot, 0, type(uint256).max, expected, variable);
    }

    /// A variable, or a part of one, that shares its slot.
    function partIs(
        address account,
        uint256 slot,
        uint256 lowestBit,
        uint256 mask,
        uint256 expected,
        string memory variable
    ) internal view {
        uint256 found = (uint256(vm.load(account, bytes32(slot))) >> lowestBit) & mask;
        if (found == expected) return;
        string memory what = string.concat(variable, ": expected ", vm.toString(expected), ", found ");
        revert(string.concat(what, vm.toString(found)));
    }

    function same(bytes memory one, bytes memory other) private pure returns (bool) {
        return keccak256(one) == keccak256(other);
    }

    function fail(string memory what, bytes memory found) private pure {
        revert(string.concat(what, " ", readable(found)));
    }

    /// The text of Error(string), or the bytes.
    function readable(bytes memory data) private pure returns (string memory) {
        if (data.length == 0) return "no data";
        if (data.length < 68 || bytes4(data) != 0x08c379a0) return vm.toString(data);
        bytes memory arguments = new bytes(data.length - 4);
        for (uint256 i; i < arguments.length; i++) arguments[i] = data[i + 4];
        return abi.decode(arguments, (string));
    }
}
