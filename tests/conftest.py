"""What many tests share: the command line in this process, two samples, and what runs leave.

A whole run takes half a minute, so the one of the whole small sample is made once and only read.
Tests that change something work on a copy of a small one, in which Great Expectations is replaced
by ``no_judge``: what it says of the data is not what they are about.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

AS_OF = "2025-07-31"


@pytest.hookimpl(tryfirst=True)  # before the plugin reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers, one makes the run of the whole sample; the others need not."""
    for item in items:
        if "whole" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("whole"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--renew", action="store_true", help="write the snapshots of definitions and schemas anew"
    )


@dataclass(frozen=True)
class Said:
    """What a command came to: its exit code and all it printed."""

    code: int
    text: str


Cli = Callable[..., Said]


@pytest.fixture(scope="session", autouse=True)
def environment() -> Iterator[pytest.MonkeyPatch]:
    """Runs set DAGSTER_HOME; nothing of that, or of the machine's own, is left to other tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DAGSTER_HOME", "OPENBEAT_CONFIG"):
            patch.delenv(name, raising=False)
        patch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")
        yield patch


@pytest.fixture(scope="session")
def bucket(environment: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of an empty bucket on an S3 server of our own, found by the usual variables."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        environment.setenv(name, "for-tests")
    environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
    environment.setenv("AWS_CONFIG_FILE", "none")
    environment.setenv("AWS_SHARED_CREDENTIALS_FILE", "none")
    import boto3

    boto3.client("s3").create_bucket(Bucket="openbeat")
    yield "s3://openbeat"
    server.stop()


@pytest.fixture(scope="session")
def cli() -> Cli:
    """The command line, run in this process; an exception it lets through fails the test."""

    def run(*arguments: object) -> Said:
        from pipelines.cli import app

        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.output)

    return run


@pytest.fixture
def no_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table is found right without being looked at, which saves most of a run's time.

    What is left of it is mostly Dagster writing its events to SQLite, so they stay in memory.
    """
    _spare_the_judge(monkeypatch)


def _spare_the_judge(patch: pytest.MonkeyPatch) -> None:
    from dagster import DagsterInstance

    patch.setattr("expectations.validation.judge", lambda *_arguments: [])
    patch.setattr("pipelines.running._instance", DagsterInstance.ephemeral)


@dataclass(frozen=True)
class Finished:
    """A sample, and the place it was run in.

    Attributes:
        sample: The sample's folder.
        settings: Its settings file.
        out: The place of the run.
        said: What the run said.
    """

    sample: Path
    settings: Path
    out: Path
    said: Said

    @property
    def releases(self) -> Path:
        """The store of releases."""
        return self.out / "releases"

    @property
    def latest(self) -> Path:
        """The newest release."""
        latest = json.loads((self.releases / "latest.json").read_bytes())
        return self.releases / str(latest["path"])

    def table(self, name: str) -> pl.DataFrame:
        """A published table."""
        return pl.read_parquet(self.latest / f"tables/{name}.parquet")

    def json(self, name: str) -> Any:
        """A published JSON file."""
        return json.loads((self.latest / name).read_bytes())

    def copied(self, to: Path) -> Finished:
        """A copy of the place, in a folder of its own."""
        out = Path(shutil.copytree(self.out, to / "out", symlinks=True))
        return Finished(self.sample, self.settings, out, self.said)

    def sums(self) -> str:
        """The newest release's SHA256SUMS."""
        return (self.latest / "SHA256SUMS").read_text("utf-8")

    def lake(self, table: str) -> pl.DataFrame:
        """All months of a table of the lake."""
        files = sorted((self.out / "lake" / table).glob("*.parquet"))
        return pl.concat(pl.read_parquet(file) for file in files)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the whole small sample: 13 months in two archives, every fault."""
    from openbeat.sample import generate

    return generate(tmp_path_factory.mktemp("small") / "sample").parent


@pytest.fixture(scope="session")
def whole(small: Path, tmp_path_factory: pytest.TempPathFactory, cli: Cli) -> Finished:
    """A whole run of the small sample, Great Expectations and all. Only to be read."""
    out = tmp_path_factory.mktemp("whole") / "out"
    settings = small / "openbeat.yaml"
    said = cli("run", "--config", settings, "--out", out, "--as-of", AS_OF)
    return Finished(small, settings, out, said)


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sample of two months: 2025-06 in one archive, 2025-07 in the next.

    Its settings ask for no workbooks, website or PDFs, which cost more than the rest of a release;
    the whole run has them.
    """
    from openbeat.sample import generate

    settings = generate(tmp_path_factory.mktemp("pair") / "sample", months=1)
    text = settings.read_text("utf-8").replace(
        "site:\n", "site:\n  make: false\n  packs: {pdf: false}\n"
    )
    settings.write_text(f"{text}\nrelease: {{workbooks: false}}\n", encoding="utf-8")
    return settings.parent


@pytest.fixture(scope="session")
def june(pair: Path, tmp_path_factory: pytest.TempPathFactory, cli: Cli) -> Finished:
    """A run of the pair's older archive alone, without the judge. Only to be read or copied."""
    out = tmp_path_factory.mktemp("june") / "out"
    settings = pair / "openbeat.yaml"
    older = pair / "archives/2025-06.zip"
    with pytest.MonkeyPatch.context() as patch:
        _spare_the_judge(patch)
        said = cli(
            *("run", "--config", settings, "--archive", older, "--out", out, "--as-of", AS_OF)
        )
    assert said.code == 0, said.text
    return Finished(pair, settings, out, said)


@pytest.fixture(scope="session")
def july(june: Finished, tmp_path_factory: pytest.TempPathFactory, cli: Cli) -> Finished:
    """``june``, then a run of both archives without the judge. Only to be read or copied."""
    out = Path(shutil.copytree(june.out, tmp_path_factory.mktemp("july") / "out", symlinks=True))
    with pytest.MonkeyPatch.context() as patch:
        _spare_the_judge(patch)
        said = cli("run", "--config", june.settings, "--out", out, "--as-of", AS_OF)
    assert said.code == 0, said.text
    return Finished(june.sample, june.settings, out, said)


@pytest.fixture
def place(june: Finished, tmp_path: Path, no_judge: None) -> Finished:
    """A copy of ``june`` to go on from: 2025-06 is published, 2025-07 is still to be ingested."""
    return june.copied(tmp_path)


@pytest.fixture
def after(july: Finished, tmp_path: Path, no_judge: None) -> Finished:
    """A copy of ``july`` to go on from: both months are published, nothing is left to do."""
    return july.copied(tmp_path)


@pytest.fixture
def run(place: Finished, cli: Cli) -> Callable[..., Said]:
    """Runs ``openbeat run`` in ``place``."""
    return lambda *more: _run_in(place, cli, more)


@pytest.fixture
def run_after(after: Finished, cli: Cli) -> Callable[..., Said]:
    """Runs ``openbeat run`` in ``after``."""
    return lambda *more: _run_in(after, cli, more)


def _run_in(place: Finished, cli: Cli, more: tuple[object, ...]) -> Said:
    return cli("run", "--config", place.settings, "--out", place.out, "--as-of", AS_OF, *more)
