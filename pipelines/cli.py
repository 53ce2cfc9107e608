"""``openbeat``: what people use outside the Dagster UI. It runs the same jobs.

Exit codes: 0 published, or nothing to do; 1 a critical check failed, nothing was promoted;
2 wrong use, settings or input; 3 a source could not be reached.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from openbeat.errors import InputError, SourceUnreachableError
from openbeat.settings import Settings
from pipelines.capture_cli import capture
from pipelines.console import CHECK_FAILED, console, problems, progress, reported, settings_for
from pipelines.logs_cli import check, erase, template
from pipelines.pack_cli import pack
from pipelines.release_cli import app as release_app
from pipelines.serve_cli import serve

app = typer.Typer(
    help="Checked neighbourhood-level open data from police.uk, every month.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(release_app, name="release")
for command in (check, template, erase, capture, serve, pack):
    app.command()(command)
Config = Annotated[Path | None, typer.Option(help="The settings file.")]
Out = Annotated[Path | None, typer.Option(help="Put everything under this folder.")]
Archives = Annotated[
    list[str] | None, typer.Option("--archive", help="A police.uk zip, folder or https URL.")
]
Boundaries = Annotated[
    list[Path] | None, typer.Option("--boundaries", help="A KML zip, GeoJSON or GeoPackage.")
]
MonthOption = Annotated[str | None, typer.Option(help="Newest month of the release, YYYY-MM.")]
AsOf = Annotated[str | None, typer.Option(help="Engagement is covered up to this day.")]
Logs = Annotated[
    Path | None,
    typer.Option(help="A folder of engagement logs, each file named after its table."),
]


def _work(
    settings: Settings,
    month: str | None,
    as_of: str | None,
    again: Callable[[list[str]], list[str]] | None = None,
) -> None:
    """Ingest what is new or changed (or named), publish, and say what came of it."""
    # Imported here, since Dagster takes a second to load.
    from pipelines.closing import show, show_boundaries, show_release, show_unrecognised
    from pipelines.closing_engagement import show_engagement
    from pipelines.running import CheckFailedError, session

    status: list[Callable[[str], None]] = [lambda _text: None]
    with reported(), session(settings, lambda text: status[0](text)) as work:
        console.print(f"openbeat: working in {settings.out}", markup=False, soft_wrap=True)
        planned = work.sources.plan(work.lake, month)
        if again is not None:
            planned = _with_asked(planned, again(work.sources.months()), work.held())
        _say_plan(planned)
        try:
            with progress(len(planned) + 1) as (tell, advance):
                status[0] = tell
                for name, _reason in planned:
                    tell(name)
                    work.ingest(name)
                    if not console.is_terminal:
                        console.print(f"  ingested {name}")
                    advance()
                if settings.strict:
                    work.refuse_warnings(month)
                published = work.publish(month, as_of)
        except CheckFailedError as error:
            problems.print("[bold red]openbeat:[/bold red]", end=" ")
            problems.print(str(error), markup=False, soft_wrap=True)
            problems.print("Nothing was promoted; the last release is as it was.")
            raise typer.Exit(CHECK_FAILED) from None
        show(console, work.lake)
        show_unrecognised(console, work.sources.archives)
        show_engagement(console, work.lake)
        show_boundaries(console, work.sources.register.issues)
        internal = settings.out / "internal"
        say = f"For those inside only (briefs, the board's page, every fault): {internal}"
        console.print(say, markup=False, highlight=False, soft_wrap=True)
        show_release(console, published)
        if published["not_copied"]:
            raise SourceUnreachableError(published["not_copied"])


def _with_asked(
    planned: list[tuple[str, str]], asked: list[str], held: list[str]
) -> list[tuple[str, str]]:
    """The months asked for, and those to be made anew that would be gaps among what is held."""
    first, last = min([*asked, *held]), max([*asked, *held])
    reasons = {month: reason for month, reason in planned if first <= month <= last}
    return sorted((reasons | dict.fromkeys(asked, "asked for")).items())


def _say_plan(planned: list[tuple[str, str]]) -> None:
    if not planned:
        console.print("No month is new or changed.")
        return
    for reason in sorted({reason for _, reason in planned}):
        months = [m for m, r in planned if r == reason]
        span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
        console.print(f"Months {reason}: {len(months)} ({span})")


@app.command()
def run(
    month: MonthOption = None,
    config: Config = None,
    archive: Archives = None,
    boundaries: Boundaries = None,
    logs: Logs = None,
    as_of: AsOf = None,
    out: Out = None,
    strict: Annotated[bool, typer.Option(help="Warnings fail too.")] = False,
) -> None:
    """Ingest every month that is new or changed, and publish."""
    with reported():
        settings = settings_for(config, out, archive, boundaries, as_of, strict, logs)
    _work(settings, month, as_of)


@app.command()
def backfill(
    first: Annotated[str, typer.Option("--from", help="First month, YYYY-MM.")],
    last: Annotated[str, typer.Option("--to", help="Last month, YYYY-MM.")],
    config: Config = None,
    archive: Archives = None,
    boundaries: Boundaries = None,
    logs: Logs = None,
    as_of: AsOf = None,
    out: Out = None,
    strict: Annotated[bool, typer.Option(help="Warnings fail too.")] = False,
) -> None:
    """Process a range of months again, changed or not, and publish."""

    def chosen(available: list[str]) -> list[str]:
        months = [m for m in available if first <= m <= last]
        if not months:
            raise InputError(
                f"no archive holds a file for {first} to {last}",
                rule="archive_month",
                mend=f"the archives hold {available[0]} to {available[-1]}.",
            )
        return months

    with reported():
        settings = settings_for(config, out, archive, boundaries, as_of, strict, logs)
    _work(settings, None, as_of, again=chosen)


@app.command()
def sample(
    directory: Annotated[Path, typer.Argument(help="Where to.")],
    scale: Annotated[
        Literal["small", "force", "national"], typer.Option(help="How large.")
    ] = "small",
    seed: Annotated[int, typer.Option(help="Another seed, another country.")] = 20250601,
    months: Annotated[int | None, typer.Option(help="How many months.")] = None,
) -> None:
    """Make deterministic inputs in police.uk's formats, of a made-up country, quirks and all."""
    from openbeat.sample import generate

    with reported(), progress(1) as (tell, _advance):
        settings = generate(
            directory, scale, seed, months, lambda text, n, of: tell(f"{text} {n}/{of}")
        )
    say = f"The sample is in {directory}; run it: openbeat run --config {settings}"
    console.print(say, markup=False, soft_wrap=True)


if __name__ == "__main__":
    app()
