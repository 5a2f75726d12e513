"""The folder of a campaign: what is done is kept, and nothing else is taken for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.campaign.identity import header, sources_hash
from conformance.campaign.journal import CampaignError, Entry, Journal, _checked, read_header
from conformance.campaign.planning import Limits, Planner
from conformance.campaign.worker import Worker
from tests.campaign.echo import SETTING, scope

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("_small")

HEADER = {"seed": "7", "presets": {"minimal": "ab"}}


@pytest.fixture
def entry() -> Entry:
    unit = Planner(scope(), Limits(1, 5)).next_unit()
    assert unit is not None
    return Entry(at=1.5, result=Worker(SETTING).carry_out(unit))


def test_what_was_written_is_there_again(tmp_path: Path, entry: Entry) -> None:
    journal = Journal(tmp_path / "new" / "folder", HEADER)
    assert journal.entries == {}
    journal.append(entry)
    journal.close()
    again = Journal(tmp_path / "new" / "folder", HEADER)
    assert again.entries == {entry.result.unit.key: entry}
    assert read_header(tmp_path / "new" / "folder") == {"format": 2, **HEADER}


@pytest.mark.parametrize("cut", [1, 40, 300])
def test_a_torn_last_line_does_not_count_and_is_gone(tmp_path: Path, entry: Entry, cut: int) -> None:
    journal = Journal(tmp_path, HEADER)
    journal.append(entry)
    journal.append(entry)
    journal.close()
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:-cut])
    again = Journal(tmp_path, HEADER)
    assert len(again.entries) == 1
    again.append(entry)
    again.close()
    assert journal.path.read_bytes() == whole


def test_a_torn_header_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(b'{"format": 2, "se')
    Journal(tmp_path, HEADER).close()
    assert read_header(tmp_path) == {"format": 2, **HEADER}


@pytest.mark.parametrize(
    "other,parts",
    [
        ({**HEADER, "seed": "8"}, ('seed "8"', 'found one with "7"', "use another --folder")),
        ({**HEADER, "presets": {"launch": "cd"}}, ("presets", "launch", "minimal")),
        ({**HEADER, "presets": {"launch": "cd"}}, ('presets ["launch"], found one with ["minimal"]',)),
        ({**HEADER, "presets": {"minimal": 64 * "c"}}, ('{"minimal": "cccccccccccc"}, found', '{"minimal": "ab"}')),
        ({**HEADER, "contracts_hash": "ef"}, ('contracts_hash "ef"', "found one with none")),
    ],
)
def test_a_folder_of_another_campaign_is_refused(
    tmp_path: Path, other: dict[str, object], parts: tuple[str, ...]
) -> None:
    Journal(tmp_path, HEADER).close()
    with pytest.raises(CampaignError) as raised:
        Journal(tmp_path, other)
    for part in parts:
        assert part in str(raised.value)


def test_a_folder_that_is_in_use_is_refused(tmp_path: Path) -> None:
    first = Journal(tmp_path, HEADER)
    with pytest.raises(CampaignError, match="expected a campaign that is not running, found it in use"):
        Journal(tmp_path, HEADER)
    first.close()
    Journal(tmp_path, HEADER).close()


@pytest.mark.parametrize("line", ["no JSON", "{}", '{"at": 1}', "[]"])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    Journal(tmp_path, HEADER).close()
    with (tmp_path / "journal.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(CampaignError, match=r"journal.jsonl: line 2: expected it as it was written, found it changed"):
        Journal(tmp_path, HEADER)
    whole = _checked(line.encode()).decode() if line.startswith("{") else ""
    (tmp_path / "journal.jsonl").write_text(f"{json.dumps({'format': 2, **HEADER})}\n{whole}\n")
    with pytest.raises(CampaignError, match=r"journal.jsonl: line 2: expected "):
        Journal(tmp_path, HEADER)


def test_no_digit_of_a_line_is_changed_unseen(tmp_path: Path, entry: Entry) -> None:
    journal = Journal(tmp_path, HEADER)
    journal.append(entry)
    journal.append(entry)
    journal.close()
    header_line, first, second = journal.path.read_bytes().splitlines(keepends=True)
    changed = [first.replace(b'"words":', b'"words":9', 1), first.replace(b'"at":1.5', b'"at":1.6'), first[1:], b"\n"]
    for line in changed:
        assert line != first
        journal.path.write_bytes(header_line + line + second)
        with pytest.raises(CampaignError, match=r"journal\.jsonl: line 2: expected it as it was written"):
            Journal(tmp_path, HEADER)
        assert journal.path.read_bytes() == header_line + line + second


@pytest.mark.parametrize("content", [b"\x00\x01", b"something without an end", b'{"other": 1}'])
def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "journal.jsonl").write_bytes(content)
    with pytest.raises(CampaignError, match=r"journal\.jsonl: expected the journal of a campaign, found another file"):
        Journal(tmp_path, HEADER)
    assert (tmp_path / "journal.jsonl").read_bytes() == content


@pytest.mark.parametrize("content", ["something", "[" * 100_000, "NaN"])
def test_something_else_is_not_taken_for_a_journal(tmp_path: Path, content: str) -> None:
    (tmp_path / "journal.jsonl").write_text(f"{content}\n")
    assert read_header(tmp_path) is None
    with pytest.raises(CampaignError, match="line 1: expected the header of a campaign"):
        Journal(tmp_path, HEADER)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CampaignError, match="file: cannot be written"):
        Journal(tmp_path / "file", HEADER)


def test_the_header_tells_campaigns_apart() -> None:
    one = header(scope(1), SETTING)
    assert one == header(scope(1), SETTING)
    assert one["sources"] == sources_hash()
    assert json.loads(json.dumps(one)) == one
    differing = {name for name, value in header(scope(2, guided=False), SETTING).items() if one[name] != value}
    assert differing == {"seed", "guided"}
