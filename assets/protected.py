"""The tables that count people, through the gate of disclosure control.

What may be published is decided in ``openbeat.disclosure.gate``. Here it is made, proved once more
from what is kept, attacked, and held against its contracts; any doubt stops the release. Metadata
hold counts of cells, never of people.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import dagster as dg
import polars as pl

from assets.checks import check_specs, contracts, judged, outs, require_judged
from assets.screen import screened
from assets.window import PublishConfig, release_day, release_window
from expectations.validation import RuleResult
from openbeat import __version__, codelists
from openbeat.contract import Contract
from openbeat.disclosure.certified import protected, unproved
from openbeat.disclosure.memory import Memory
from openbeat.disclosure.policy import Policy, load_policy
from openbeat.disclosure.report import merged
from openbeat.engagement.scope import Scope
from openbeat.release.promote import ReleaseStore
from openbeat.settings import Settings
from resources import disclosure as kept
from resources.lake import ALL, Lake, encode
from resources.sources import Sources

PROTECTED = ("engagement_events", "engagement_reach", "feedback_summary")
"""The published tables that hold counts of people."""
DRAFT = "events_draft"
COUNTED = ("engagement_counts", "feedback_counts", "feedback_times")
COUNTED_FROM = (
    *("conformed_engagement_events", "conformed_participation", "conformed_feedback"),
    "engagement_ledger",
)
SHOWN = "disclosure_shown"
ATTACKS = "disclosure_attacks"
SHOWN_FAULTS = 5
_LOGS_OF = {"engagement": ("engagement_events", "participation"), "feedback": ("feedback",)}
_REVISED_WITHIN = 6  # months after a revision is due by which some release will have made it
PROVED = "Every number of people that is kept back is proved to be safe."
WITHSTOOD = "No attack on what is published, and on all that was, works out what is kept back."


def policy_of(settings: Settings) -> Policy:
    """The policy of disclosure control: the one that is set, or the one that openbeat ships."""
    return load_policy(settings.disclosure.policy)


@dg.multi_asset(
    outs=outs(PROTECTED),
    ins={"neighbourhoods": dg.AssetIn("neighbourhoods")},
    deps=list(COUNTED_FROM),
    check_specs=check_specs(*PROTECTED),
    group_name="release",
)
def protected_tables(
    context: dg.AssetExecutionContext,
    config: PublishConfig,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
    neighbourhoods: pl.DataFrame,
) -> Iterator[dg.MaterializeResult]:
    """The published tables that count people: what may be told, proved and attacked."""
    from openbeat.disclosure import published
    from openbeat.disclosure.gate import gate

    settings = sources.settings
    window = release_window(config, lake, sources)
    month = window.months[-1]
    require_judged(lake, ["engagement_ledger"], month, stored_as=ALL, strict=settings.strict)
    policy = policy_of(settings)
    store = ReleaseStore(settings.releases_root)
    kept.require_ledger(lake, store)
    as_of = release_day(config, sources)
    scope = Scope(window.months, as_of, neighbourhoods, sources.forces, settings.engagement)
    gated = gate(
        lake.read("engagement_counts"),
        lake.read("feedback_counts"),
        lake.read("feedback_times"),
        kept.read_memory(lake),
        policy,
        as_of=as_of,
        first_month=scope.first_counted_month,
        lineage=_lineage(neighbourhoods),
        revised=_kept_long_enough(settings, policy),
        progress=lambda said: sources.tell(f"protecting {said}"),
    )
    kept.keep_pending(lake, gated.new)
    gone = [release.id for release in store.list() if release.hidden]
    shown = published.facts(gated.whole.ledger, gated.unrevised, gated.periods, gone)
    lake.write(SHOWN, shown)
    tables = {
        "engagement_reach": published.engagement_reach(shown, scope.named),
        "feedback_summary": published.feedback_summary(shown, scope.named),
        "engagement_events": published.with_attendances(
            lake.read(DRAFT), published.attendances(shown)
        ),
    }
    sources.tell("proving and attacking what is about to be published")
    parts = len(gated.whole.solved)
    proof = unproved(gated.whole, policy.rounding_base)
    found = attacked(lake, tables, gated.whole, policy)
    failed = [part for part, one in found.items() if not one["ok"]]
    lake.write_json(ATTACKS, ALL, merged(found.values()))
    for name in PROTECTED:
        contract = contracts()[name]
        sources.tell(f"checking {name}: {tables[name].height:,} rows")
        more = [
            *screened(tables[name], contract, settings.engagement.allowed_texts),
            _result(contract, "certified", PROVED, proof, parts),
            _result(contract, "attacked", WITHSTOOD, failed, len(found)),
        ]
        yield judged(lake, name, tables[name], month, strict=settings.strict, more=more)


def attacked(
    lake: Lake, tables: Mapping[str, pl.DataFrame], whole: Memory, policy: Policy
) -> dict[str, dict[str, Any]]:
    """Attack what is about to be published with all that was published before.

    Forces share no people, and neither do years: each part is attacked by itself, and only where
    what is known of it is not what it was. What an attack came to is kept in the lake by the
    digest of everything that it read.

    Args:
        lake: Keeps the results.
        tables: The protected tables.
        whole: All that was ever published, with what stands behind it.
        policy: The policy.

    Returns:
        By ``<force> <year>``: what ``attacker.Report.as_dict`` gives.
    """
    from openbeat.disclosure.attacker import attack

    categories = codelists.load("reach_categories")
    secret, told = protected(whole), policy.as_published()
    events = tables["engagement_events"].filter(pl.col("status") == "held")
    columns = [column.name for column in contracts()["engagement_events"].columns]
    dated = {**tables, "engagement_events": events.select(columns)}
    results = {}
    for force, year in _parts(whole.ledger):
        part = {
            name: frame.filter((pl.col("force_id") == force) & (_year(frame) == pl.lit(year)))
            for name, frame in dated.items()
        }
        known, aim = (
            frame.filter((pl.col("force_id") == force) & (_year(frame) == pl.lit(year)))
            for frame in (whole.ledger, secret)
        )
        # Which release showed a number first is not known before it does, and tells no more.
        known = known.drop("release_id")
        digest = _digest([*part.values(), known, aim, categories], told)
        result = lake.read_json(ATTACKS, digest)
        if result is None:
            given = {**part, "reach_categories": categories}
            result = attack(given, known, told, protected=aim).as_dict()
            lake.write_json(ATTACKS, digest, result)
        results[f"{force} {year}"] = result
    return results


def _parts(ledger: pl.DataFrame) -> list[tuple[str, str]]:
    """Every force and year of the ledger."""
    pairs = ledger.select("force_id", pl.col("period").str.slice(0, 4)).unique()
    return sorted(pairs.iter_rows())


def _year(frame: pl.DataFrame) -> pl.Expr:
    if "period" in frame.columns:
        return pl.col("period").str.slice(0, 4)
    return pl.col("year").cast(pl.String)


def _digest(frames: Sequence[pl.DataFrame], policy: Mapping[str, Any]) -> str:
    """Of all that an attack reads, and of the program that attacks."""
    text = json.dumps([policy, __version__, _attacker()], sort_keys=True)
    found = hashlib.sha256(text.encode())
    for frame in frames:
        found.update(encode(frame).sha256.encode())
    return found.hexdigest()


@cache
def _attacker() -> str:
    """Digest of the attacker's own files: one that was changed has to attack again."""
    folder = files("openbeat.disclosure.attacker")
    found = hashlib.sha256()
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".py"):
            found.update(f"{file.name}\n{file.read_text('utf-8')}\n".encode())
    return found.hexdigest()


def _kept_long_enough(settings: Settings, policy: Policy) -> list[str]:
    """The sets whose logs are kept until the revision of a year is over, in every source."""
    least = 12 + policy.revise_after_months + _REVISED_WITHIN
    gone = {
        source.table
        for source in settings.engagement.sources
        if source.retention_months is not None and source.retention_months < least
    }
    return [kind for kind, tables in _LOGS_OF.items() if gone.isdisjoint(tables)]


def _lineage(neighbourhoods: pl.DataFrame) -> pl.DataFrame:
    """Which neighbourhood took over which: force_id, older_id, newer_id."""
    return (
        neighbourhoods.select(
            "force_id",
            pl.col("predecessor_ids").str.split(";").alias("older_id"),
            pl.col("neighbourhood_id").alias("newer_id"),
        )
        .explode("older_id")
        .filter(pl.col("older_id").is_not_null() & (pl.col("older_id") != pl.col("newer_id")))
        .unique()
        .sort(pl.all())
    )


def _result(
    contract: Contract, rule: str, sentence: str, faults: Sequence[str], checked: int
) -> RuleResult:
    """The judgement of the proof, or of the attack, on what is about to be published."""
    return RuleResult(
        table=contract.table,
        rule=rule,
        kind="disclosure",
        column=", ".join(c.name for c in contract.columns if c.published and c.type == "integer"),
        severity="critical",
        success=not faults,
        checked=checked,
        broken=len(faults),
        share=len(faults) / checked if checked else 0.0,
        sentence=" ".join([sentence, *faults[:SHOWN_FAULTS]]),
        mend="nothing was published. Put the lake's disclosure_* tables back from a copy if they "
        "were changed; else this is a fault of openbeat, and worth reporting.",
        examples=(),
    )
