"""A release: its files, their descriptions, whether it is whole, and how it becomes public.

Write it aside, then promote it::

    store = ReleaseStore(root)
    staged = store.staging()
    write_release(content, staged, store.next_id(content.month))
    published = store.publish(staged, content.month, clock)

What the tables hold is decided elsewhere (``openbeat.monthly``); here they are only written down.
"""

from openbeat.release.content import Progress, ReleaseContent, parse_release_id
from openbeat.release.integrity import Problem, content_digest, verify
from openbeat.release.listing import Release
from openbeat.release.promote import Published, ReleaseStore
from openbeat.release.write import write_release

__all__ = [
    "Problem",
    "Progress",
    "Published",
    "Release",
    "ReleaseContent",
    "ReleaseStore",
    "content_digest",
    "parse_release_id",
    "verify",
    "write_release",
]
