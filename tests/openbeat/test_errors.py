"""An error says where, what and how to mend it, in one line."""

from __future__ import annotations

from openbeat.errors import InputError, SettingsError


def test_an_error_says_where_what_which_rule_and_how_to_mend_it() -> None:
    error = InputError(
        "the month is wrong",
        file="a.csv",
        row=7,
        column="Month",
        value="June",
        rule="s1_month",
        mend="write 2025-06.",
    )
    assert str(error) == (
        "a.csv, line 7, column Month, value 'June': the month is wrong [s1_month] "
        "Mend: write 2025-06."
    )


def test_an_error_shows_only_what_is_known() -> None:
    assert str(InputError("no month is ingested")) == "no month is ingested"
    assert str(InputError("empty", file="a.csv", value="")) == "a.csv, value '': empty"


def test_a_wrong_setting_is_a_wrong_input() -> None:
    assert issubclass(SettingsError, InputError)
