"""What the commands share: the screens, the exit codes, errors turned into a sentence, settings.

Exit codes: 0 published, or nothing to do; 1 a critical check failed, nothing was promoted;
2 wrong use, settings or input; 3 a source could not be reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed

from openbeat.errors import InputError, LockedError, SourceUnreachableError
from openbeat.settings import Settings, load_settings

PUBLISHED, CHECK_FAILED, WRONG_USE, UNREACHABLE = 0, 1, 2, 3

console = Console(highlight=False)
problems = Console(stderr=True, highlight=False)


@contextmanager
def reported() -> Iterator[None]:
    """Turn what went wrong into a sentence and an exit code."""
    try:
        yield
    except InputError as error:
        code, text = WRONG_USE, str(error)
    except LockedError as error:
        code, text = WRONG_USE, str(error)
    except SourceUnreachableError as error:
        code, text = UNREACHABLE, str(error)
    except KeyboardInterrupt:
        code, text = 130, "stopped; the last release is whole, and the next run goes on from here"
    else:
        return
    problems.print("[bold red]openbeat:[/bold red]", end=" ")
    problems.print(text, markup=False, soft_wrap=True)
    raise typer.Exit(code)


@contextmanager
def progress(total: int) -> Iterator[tuple[Callable[[str], None], Callable[[], None]]]:
    """A bar of months, with what is being done beside it; plain lines where there is no screen."""
    if not console.is_terminal:
        yield (lambda _text: None), (lambda: None)
        return
    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        Elapsed(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield (
            lambda text: bar.update(task, description=text),
            lambda: bar.advance(task),
        )


def settings_for(
    config: Path | None,
    out: Path | None,
    archives: list[str] | None = None,
    boundaries: list[Path] | None = None,
    as_of: str | None = None,
    strict: bool = False,
    logs: Path | None = None,
) -> Settings:
    """The settings of a command: those of its file, else of ``config/openbeat.yaml``, else ours.

    Args:
        config: The settings file.
        out: Put everything under this folder.
        archives: Archives in place of the configured ones.
        boundaries: Boundaries in place of the configured ones.
        as_of: The day engagement is covered up to.
        strict: Whether warnings fail too.
        logs: A folder of logs in place of the configured ones.

    Raises:
        InputError: A setting, or the folder, is wrong.
    """
    default = Path("config/openbeat.yaml")
    if config is None and default.is_file():
        config = default
    settings = load_settings(
        config,
        out=out,
        archives=[{"path": a} for a in archives] if archives else None,
        boundaries=[{"path": b} for b in boundaries] if boundaries else None,
        as_of=as_of,
        strict=strict or None,
    )
    return settings if logs is None else _with_logs(settings, logs)


def _with_logs(settings: Settings, folder: Path) -> Settings:
    """The settings, with the logs of a folder in place of the configured ones."""
    from openbeat.engagement.folder import sources_in

    if settings.engagement.sources:
        raise InputError(
            "the settings name logs already",
            rule="one_place_of_logs",
            mend="leave --logs out, or engagement.sources; records of logs that are named no more "
            "would look deleted.",
        )
    engagement = settings.engagement.model_copy(update={"sources": sources_in(folder)})
    return settings.model_copy(update={"engagement": engagement})
