"""A release that an independent judge finds fault with is not promoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets import release
from openbeat.errors import InputError
from openbeat.release import judges
from openbeat.release.judges import Verdict

GOOD = Verdict("Checksums", "passed", 3, "files")
UNSET = Verdict("UK metadata exchange model", "incomplete", 3, "records", ("base_url is not set",))


def test_a_setting_that_is_missing_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judges, "fast", lambda _folder: [GOOD, UNSET])
    release._judge(tmp_path, slowly=False)


@pytest.mark.parametrize("state", ["failed", "not installed"])
@pytest.mark.parametrize("slowly", [False, True])
def test_what_a_judge_finds_is_told_and_stops_the_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: judges.State, *, slowly: bool
) -> None:
    bad = Verdict("csvw", state, 1, "sidecars", ("crime.csv: line 7",))
    monkeypatch.setattr(judges, "fast", lambda _folder: [GOOD] if slowly else [GOOD, bad])
    monkeypatch.setattr(judges, "slow", lambda _folder: [bad])
    with pytest.raises(InputError, match=r"csvw: .*crime\.csv: line 7") as refused:
        release._judge(tmp_path, slowly=slowly)
    assert "validate" in str(refused.value)
    if slowly:  # and without the switch the slow ones are not asked
        release._judge(tmp_path, slowly=False)
