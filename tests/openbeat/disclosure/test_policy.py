"""The policy: what is shipped holds, and what would protect less is refused with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from assets.tables import PUBLISHED
from openbeat import codelists
from openbeat.disclosure.policy import GUARDED, SHIPPED, check_lineage, load_policy
from openbeat.errors import InputError

Write = Callable[[str], Path]
POLICY = load_policy()
OPEN = ("crime", "crime_summary", "outcomes", "stops", "coverage", "neighbourhoods")
CROSSED = "crossed: [{dimensions: [age, sex], place_level: %s, period: %s}]"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a policy."""

    def to_file(text: str) -> Path:
        path = tmp_path / "disclosure.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def changed(old: str, new: str, nth: int = 0) -> str:
    """The shipped policy with one line (or more) changed."""
    parts = SHIPPED.read_text(encoding="utf-8").split(old)
    assert len(parts) > nth + 1, old
    return old.join(parts[: nth + 1]) + new + old.join(parts[nth + 1 :])


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as told:
        load_policy(path)
    return told.value


def line_of(text: str, words: str) -> int:
    (line,) = [n for n, row in enumerate(text.splitlines(), 1) if words in row]
    return line


def test_every_published_table_is_declared() -> None:
    assert set(POLICY.tables) == {*PUBLISHED, "engagement_reach", "feedback_summary"}
    kinds = {name: table.kind for name, table in POLICY.tables.items()}
    assert {name for name, kind in kinds.items() if kind == "open"} == set(OPEN)
    assert list(POLICY.protected()) == [
        "engagement_events.attendances",
        "engagement_reach",
        "feedback_summary",
    ]


def test_thresholds_are_5_and_10_for_the_four_characteristics() -> None:
    names = ["all", "event", "theme", *codelists.codes("characteristics")]
    assert {name: POLICY.threshold(name) for name in names} == {
        name: 10 if name in GUARDED else 5 for name in names
    }


def test_every_characteristic_is_shown_one_at_a_time() -> None:
    reach = POLICY.table("engagement_reach").people
    assert reach is not None
    assert reach.dimensions == list(codelists.codes("characteristics"))
    assert reach.crossed == []
    assert reach.periods == {"quarter": ["neighbourhood", "force"], "year": ["force"]}


def test_a_set_has_one_method() -> None:
    assert {name: POLICY.method(name) for name in ("engagement", "feedback")} == {
        "engagement": "suppression",
        "feedback": "suppression",
    }
    with pytest.raises(KeyError):
        POLICY.method("surveys")


def test_the_policy_that_is_published_can_be_read_back(write: Write) -> None:
    published = POLICY.as_published()
    assert published["methods"] == {"engagement": "suppression", "feedback": "suppression"}
    assert published["thresholds"]["disability"] == 10
    del published["methods"]
    assert load_policy(write(yaml.safe_dump(published, sort_keys=False))) == POLICY


def test_a_stricter_policy_is_taken(write: Write) -> None:
    assert load_policy(write(changed("  default: 5\n", "  default: 8\n"))).threshold("all") == 8
    assert load_policy(write(changed("settle_days: 3", "settle_days: 30"))).settle_days == 30
    rounded = changed("method: suppression", "method: rounding", 2)
    assert load_policy(write(rounded)).method("feedback") == "rounding"
    fewer = load_policy(write(changed("        - disability\n", "")))
    assert fewer.levels("engagement", "quarter").get("disability") is None
    force = changed("quarter: [neighbourhood, force]", "quarter: [force]", 2)
    assert load_policy(write(force)).levels("feedback", "quarter")["theme"] == ("force",)


@pytest.mark.parametrize(
    ("old", "new", "nth", "says"),
    [
        ("  default: 5\n", "  default: 20\n", 0, "belief is 20 or more"),
        ("  default: 5\n", "  default: 4\n", 0, "a threshold is 5 or more"),
        ("  disability: 10", "  disability: 9", 0, "the threshold of disability is 10 or more"),
        ("  disability: 10", "  disabilty: 10", 0, "did you mean disability?"),
        ("identity, disability]", "identity]", 0, "disability may not be left out"),
        ("settle_days: 3", "settle_days: 2", 0, "greater than or equal to 3"),
        ("revise_after_months: 6", "revise_after_months: 1", 0, "greater than or equal to 6"),
        ("rounding_base: 5", "rounding_bse: 5", 0, "rounding_base"),
        ("        year: [force]", "        rolling_12_months: [force]", 0, "rolling"),
        ("        year: [force]", "        month: [force]", 0, "overlap"),
        ("        year: [force]", "        year: [neighbourhood]", 0, "force level alone"),
        ("      crossed: []", "      " + CROSSED % ("neighbourhood", "year"), 0, "together at"),
        ("      crossed: []", "      " + CROSSED % ("force", "quarter"), 0, "together at"),
        ("      method: suppression", "      method: rounding", 1, "two methods"),
        ("      zeros: shown", "      zeros: hidden", 1, "'shown'"),
        ("      unit: person", "      unit: attendance", 1, "'person'"),
        ("      measures: [forms, attendances]", "      measures: [forms]", 0, "has sums for"),
        ("        neighbourhood: group", "        neighbourhood: category", 0, "has sums for"),
        ("        - age\n", "        - age\n        - shoe_size\n", 0, "has sums for"),
        ("      set: feedback", "      set: engagement", 0, "has sums for"),
    ],
)
def test_what_protects_less_is_refused_with_its_line(
    write: Write, old: str, new: str, nth: int, says: str
) -> None:
    text = changed(old, new, nth)
    error = refusal(write(text))
    assert says in str(error)
    assert error.file == "disclosure.yaml"
    before = SHIPPED.read_text(encoding="utf-8").split(old)
    line = old.join(before[: nth + 1]).count("\n") + 1
    assert error.row is not None
    assert line - 22 <= error.row <= line + 1  # its line, or that of the list or table it is in


def test_a_crossed_table_would_make_the_set_cyclic(write: Write) -> None:
    error = refusal(write(changed("      crossed: []", "      " + CROSSED % ("force", "year"))))
    assert "a cyclic set" in str(error)


def test_a_table_that_counts_people_cannot_be_called_something_else(write: Write) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    head, _, rest = text.partition("  feedback_summary:\n")
    assert rest
    error = refusal(write(head + "  feedback_summary: {class: open}\n"))
    assert "feedback_summary counts people" in str(error)
    assert error.row == line_of(text, "  feedback_summary:")
    assert "feedback_summary counts people" in str(refusal(write(head)))
    head, _, rest = text.partition("    columns:\n")
    error = refusal(write(head + rest[rest.index("  engagement_reach:") :]))
    assert "engagement_events.attendances counts people" in str(error)


def test_a_table_of_acts_says_why(write: Write) -> None:
    text = changed("    why: what a neighbourhood team works on\n", "")
    error = refusal(write(text))
    assert "says why" in str(error)
    assert error.row == line_of(text, "  priorities:") + 1


def test_counts_that_openbeat_cannot_protect_are_refused(write: Write) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    more = text[text.index("  feedback_summary:") :].replace("feedback_summary", "survey")
    assert "no sums for these counts" in str(refusal(write(text + more)))


def test_a_policy_that_cannot_be_read_is_a_refusal(write: Write, tmp_path: Path) -> None:
    assert "cannot be read" in str(refusal(tmp_path / "nowhere.yaml"))
    assert "empty" in str(refusal(write("")))


MADE_FROM = {name: {"members", "boundaries"} for name in OPEN} | {
    "engagement_reach": {"members", "conformed_participation"},
    "priorities": {"members", "conformed_priorities"},
}


def test_open_tables_are_made_from_open_sources() -> None:
    check_lineage(POLICY, MADE_FROM, MADE_FROM)


@pytest.mark.parametrize("root", ["conformed_participation", "ingested_by_hand"])
def test_a_table_that_is_not_open_by_lineage_is_refused(root: str) -> None:
    upstream = MADE_FROM | {"stops": {"members", root}}
    with pytest.raises(InputError, match=f"stops is called open and is made from {root}"):
        check_lineage(POLICY, MADE_FROM, upstream)


def test_a_table_of_unknown_sources_is_not_open() -> None:
    with pytest.raises(InputError, match="sources that are not known"):
        check_lineage(POLICY, ["crime"], {})


def test_a_table_that_is_not_declared_is_refused() -> None:
    with pytest.raises(InputError, match="survey is in a release and not in the policy"):
        check_lineage(POLICY, ["crime", "survey"], MADE_FROM)
