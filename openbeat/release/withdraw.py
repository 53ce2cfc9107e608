"""Taking a release back: its bytes go, a tombstone stays in the place of its folder.

What a tombstone says, and finding and removing bytes, belong here. That the list says so first,
and where ``latest`` then points, is in ``promote``. What was published stays known to the world:
the ledger of published counts is not touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from openbeat.engagement.personal_data import found
from openbeat.errors import InputError
from openbeat.release.files import move, remove, replace_text, write_text
from openbeat.release.listing import (
    LATEST,
    LIST,
    WITHDRAWN,
    Release,
    find,
    newest_of,
    with_hidden,
)

TOMBSTONE = "WITHDRAWN.md"
REMOVING = ".withdrawing"
LONGEST_REASON = 500


def checked_reason(text: str, allowed: Collection[str] = ()) -> str:
    """The reason as it is published: one line, without what looks like personal data.

    Args:
        text: As it was given.
        allowed: Texts that look like personal data and are not.

    Raises:
        InputError: It is empty, too long, or looks like personal data; the text is not shown.
    """
    reason = " ".join(text.split())
    if not reason or not any(letter.isalpha() for letter in reason):
        raise InputError(
            "a release is withdrawn or rolled back for a reason, and none is given",
            rule="reason",
            mend="say in a sentence what was wrong, without the figure itself: it is published",
        )
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        raise InputError(
            f"the reason is longer than {LONGEST_REASON} characters, or holds some that no screen "
            "shows",
            rule="reason",
            mend="say it in a sentence",
        )
    kinds = pl.select(pl.lit(reason).alias("reason")).select(found(["reason"], allowed)).item()
    if kinds:
        raise InputError(
            f"the reason looks as if it held personal data ({kinds}), and it is published",
            rule="personal_data",
            mend="say what was wrong without it; a text that is right all the same is allowed by "
            "engagement.allowed_texts",
        )
    return reason


def withdrawn(
    listed: Sequence[Release], name: str, reason: str, now: str, by: str = ""
) -> list[Release]:
    """The list after a release was withdrawn; of one that was already, the reason is replaced.

    Args:
        listed: Every release.
        name: Its id.
        reason: Why.
        now: When, UTC; of one that was withdrawn already, the first time stays.
        by: Who withdraws it.

    Raises:
        InputError: There is no such release.
    """
    release = find(listed, name)
    gone = replace(
        release,
        status=WITHDRAWN,
        reason=reason,
        withdrawn_at=release.withdrawn_at or now,
        withdrawn_by=by or release.withdrawn_by,
    )
    return with_hidden([gone if other.id == name else other for other in listed])


def tombstone_text(release: Release, instead: Release | None) -> str:
    """What is read in the place of a withdrawn release.

    Args:
        release: The withdrawn one.
        instead: The release to use now; None where none is published.
    """
    by = f" by {release.withdrawn_by}" if release.withdrawn_by else ""
    use = (
        f"Use `{instead.id}`." if instead else "There is no release in its place; one may come."
    ) + f" `{LATEST}` and `{LIST}` beside this folder say what is published now."
    return (
        f"# Release {release.id} was withdrawn\n\n"
        f"Withdrawn on {release.withdrawn_at}{by}; it had been published on "
        f"{release.promoted_at}.\n\n"
        f"Reason: {release.reason}\n\n"
        f"{use}\n\n"
        "If you hold a copy, please delete it and do not use or pass on its figures. "
        "The number is not given again.\n"
    )


def refuse_withdrawn(listed: Sequence[Release], content_sha256: str) -> None:
    """Refuse to publish again what was withdrawn.

    Raises:
        InputError: The content is that of a withdrawn release.
    """
    for release in listed:
        if release.withdrawn and release.content_sha256 == content_sha256:
            raise InputError(
                f"this is what {release.id} said, which was withdrawn on "
                f"{release.withdrawn_at[:10]} ({release.reason}); nothing was promoted",
                rule="withdrawn_content",
                mend="mend what was wrong with it first, in the logs, sources or settings, and "
                "run again",
            )


def bury_all(root: Path, listed: Sequence[Release]) -> list[str]:
    """Remove what is left of the withdrawn releases, and see to their tombstones.

    Args:
        root: The store.
        listed: Every release.

    Returns:
        What there was to do, a sentence each.
    """
    done = []
    for release in (release for release in listed if release.withdrawn):
        of_month = [other for other in listed if other.month == release.month]
        text = tombstone_text(release, newest_of(of_month) or newest_of(listed))
        if bury(root, release, text):
            done.append(f"saw to the tombstone of {release.id}, which was withdrawn")
    return done


def bury(root: Path, release: Release, text: str) -> bool:
    """Remove the bytes of a withdrawn release and put its tombstone; done already is fine.

    Everything is first moved out of the public folders, so that no half of it is ever there.

    Args:
        root: The store.
        release: The withdrawn release.
        text: Its tombstone's.

    Returns:
        Whether there was anything to do.
    """
    aside, grave = root / REMOVING, root / release.path
    left = tuple(remains(root, release))
    for path in left:
        aside.mkdir(exist_ok=True)
        remove(aside / path.name)
        move(path, aside / path.name)
    stone = grave / TOMBSTONE
    stale = not stone.exists() or stone.read_bytes() != text.encode()
    if not grave.exists():
        made = aside / "tombstone"
        remove(made)
        write_text(made / TOMBSTONE, text)
        move(made, grave)
    elif stale:
        replace_text(stone, text)
    remove(aside)
    return bool(left) or stale


def remains(root: Path, release: Release) -> Iterator[Path]:
    """What the store still holds of a release besides a tombstone: folder, packs, zips.

    Args:
        root: The store.
        release: Any release.

    Yields:
        Its folder, and whatever else is named after it, also what a killed run left aside.
    """
    for path in sorted(root.iterdir()):
        if path.name == release.id:
            held = [child.name for child in path.iterdir()] if path.is_dir() else []
            if held != [TOMBSTONE]:
                yield path
        elif named_after(path.name.lstrip("."), release.id):
            yield path


def named_after(name: str, release_id: str) -> bool:
    """Whether a file or folder beside a release belongs to it: its packs, its zips."""
    return name.startswith((f"{release_id}.", f"{release_id}-"))
