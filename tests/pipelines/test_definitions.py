"""The shape of the pipeline, held against ``definitions.json``.

Where a change is meant: ``python -m pytest tests/pipelines/test_definitions.py --renew``, then read
what changed in ``definitions.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from openbeat.errors import SettingsError
from openbeat.settings import Settings, load_settings
from pipelines.definitions import CONFIG_VARIABLE, build_definitions, definitions
from resources.lake import Lake

ROOT = Path(__file__).parents[2]
SNAPSHOT = Path(__file__).with_name("definitions.json")


def shape(made: dg.Definitions) -> dict[str, Any]:
    """What of some definitions others rely on, as plain sorted values."""
    graph = made.resolve_asset_graph()
    repository = made.get_repository_def()
    return {
        "assets": {name(spec.key): _asset(spec, graph) for spec in made.resolve_all_asset_specs()},
        "jobs": {
            job.name: {
                "assets": ", ".join(sorted(map(name, job.asset_layer.executable_asset_keys))),
                "partitions": str(job.partitions_def),
            }
            for job in made.resolve_all_job_defs()
            if not job.name.startswith("__")
        },
        "schedules": {
            schedule.name: f"{schedule.job_name} at {schedule.cron_schedule}, "
            f"{schedule.execution_timezone}, {schedule.default_status.value}"
            for schedule in repository.schedule_defs
        },
        "sensors": {
            sensor.name: f"{type(sensor).__name__} starts "
            f"{', '.join(target.job_name for target in sensor.targets)}, "
            f"{sensor.default_status.value}"
            for sensor in repository.sensor_defs
        },
        "resources": ", ".join(sorted(made.resources or {})),
        "executor": made.executor.name if isinstance(made.executor, dg.ExecutorDefinition) else "",
    }


def name(key: dg.AssetKey) -> str:
    return key.to_user_string()


def _asset(spec: dg.AssetSpec, graph: Any) -> dict[str, Any]:
    checks = [
        graph.get_check_spec(key) for key in graph.asset_check_keys if key.asset_key == spec.key
    ]
    return {
        "group": spec.group_name,
        "deps": ", ".join(sorted(name(dep.asset_key) for dep in spec.deps)),
        "partitions": str(spec.partitions_def),
        "checks": ", ".join(sorted(f"{c.name}{' (blocking)' * c.blocking}" for c in checks)),
    }


def test_the_pipeline_has_the_shape_that_was_agreed(request: pytest.FixtureRequest) -> None:
    found = shape(build_definitions(Settings()))
    text = json.dumps(found, indent=1, sort_keys=True) + "\n"
    if request.config.getoption("--renew"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert json.loads(SNAPSHOT.read_text("utf-8")) == found


def test_everything_can_be_loaded() -> None:
    dg.Definitions.validate_loadable(definitions)


def test_the_workspace_names_definitions_that_are_there() -> None:
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text("utf-8"))
    (entry,) = [place["python_module"] for place in workspace["load_from"]]
    assert (ROOT / entry["working_directory"]).resolve() == ROOT
    module = __import__(entry["module_name"], fromlist=["anything"])
    assert isinstance(getattr(module, entry["attribute"]), dg.Definitions)


def test_every_asset_says_what_it_is() -> None:
    described = {name(spec.key): spec.description for spec in definitions.resolve_all_asset_specs()}
    assert [key for key, description in described.items() if not description] == []


def test_only_a_failed_critical_check_stops_what_follows() -> None:
    graph = definitions.resolve_asset_graph()
    blocking = {key.name: graph.get_check_spec(key).blocking for key in graph.asset_check_keys}
    assert blocking == {"critical": True, "warnings": False, "copied": False}


def test_resources_can_be_given(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    made = build_definitions(Settings(), lake=lake)
    assert made.resources is not None
    assert made.resources["lake"] is lake
    assert made.resources["io_manager"].lake is lake


def test_settings_change_the_schedule_and_the_executor() -> None:
    settings = Settings.model_validate(
        {"schedule_cron": "30 5 4 * *", "dagster": {"executor": "multiprocess"}}
    )
    found = shape(build_definitions(settings))
    assert found["schedules"] == {"monthly": "plan at 30 5 4 * *, Europe/London, STOPPED"}
    assert found["executor"] == "multiprocess"


def test_the_settings_file_is_named_by_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.definitions import _settings

    (tmp_path / "own.yaml").write_text("window_months: 7\n")
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "own.yaml"))
    assert _settings().window_months == 7
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "absent.yaml"))
    with pytest.raises(SettingsError, match="cannot be read"):
        _settings()
    monkeypatch.delenv(CONFIG_VARIABLE)
    assert _settings() == load_settings(None)
