"""The record of the latest release in a CKAN catalogue: one dataset, its resources the files.

CKAN's action API, through ckanapi: https://docs.ckan.org/en/latest/api/. Copies of the files to
other places are in ``targets``. The dataset always describes the latest release of the store, so
doing it again changes nothing, and withdrawing or rolling back is doing it again. A resource keeps
its id, and so its address in CKAN, from release to release as long as its file has the same path.
"""

from __future__ import annotations

import ast
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from openbeat.errors import InputError, SourceUnreachableError
from openbeat.release.integrity import DESCRIPTOR, README, hash_file
from openbeat.release.listing import Release, newest_of, read_list
from openbeat.release.place import FIRST_WAIT, TRIES, Wait, media_type
from openbeat.release.settings import ReleaseSettings, Target, masked

DATASET = "openbeat"
LICENCE = "uk-ogl"  # the Open Government Licence in CKAN's own list of licences
TIMEOUT = (10, 300)  # seconds to connect, to wait for an answer
FOLDERS = ("tables", "geo")
PAGES = (README, "CHANGELOG.md", "REVISIONS.csv", "dictionary.csv", DESCRIPTOR)
NONE = "No release is published at present."
TOO_MANY, SERVER_ERROR = 429, 500
Json = dict[str, Any]


@dataclass(frozen=True)
class _File:
    """A file of the release, and what CKAN is told of it."""

    path: Path
    fields: Json


def publish_record(
    root: Path,
    target: Target,
    settings: ReleaseSettings,
    *,
    served: bool = True,
    wait: Wait = time.sleep,
) -> bool:
    """Bring the dataset of a CKAN site in line with the latest release.

    Its resources are links below ``base_url``; with the option ``upload: true``, the files
    themselves. The option ``dataset`` is its name there, else ``openbeat``. Files of one force
    alone are left out: they are in the zip.

    Args:
        root: The store.
        target: Of the kind ``ckan``.
        settings: ``base_url`` and ``contact`` are used.
        served: Whether the files are where the links go. If not, links stay as they are, unless
            they are those of a release that was withdrawn.
        wait: Called with the seconds to wait before something is tried again.

    Returns:
        Whether anything had to be changed.

    Raises:
        InputError: The site refuses the key or what was sent, or is no CKAN site; there is no
            ``base_url`` for links; the key is not set; or ckanapi is not installed.
        SourceUnreachableError: The site does not answer, or only with errors of its own; or the
            files are not served.
    """
    upload = bool(target.options.get("upload", False))
    if not upload and not settings.base_url:
        raise InputError(
            f"target {target.name} links to the files, and it is not known where they are served",
            mend="set release.base_url, or the target's option upload: true",
        )
    site = _Site(target, wait)
    name = str(target.options.get("dataset", DATASET))
    there: Json | None = site.ask("package_show", {"id": name}, missing=True)
    listed = read_list(root)
    gone = {release.id for release in listed if release.withdrawn}
    if not (served or upload) and (there is None or there.get("version") not in gone):
        raise SourceUnreachableError(
            f"target {target.name}: left as it is, since the files it links to are not all served"
        )
    latest = newest_of(listed)
    if latest is None:
        empty = {"notes": NONE, "version": "", "resources": []}
        return there is not None and _put(site, there, empty)
    dataset = _dataset(root / latest.path, name, target, settings)
    files = _files(root, latest, "" if upload else settings.base_url)
    if upload:
        return _put_files(site, there, dataset, files)
    ids = {held["name"]: {"id": held["id"]} for held in _resources(there)}
    dataset["resources"] = [ids.get(f.fields["name"], {}) | f.fields for f in files]
    return _put(site, there, dataset)


def _put(site: _Site, there: Json | None, dataset: Json) -> bool:
    """Make the dataset, or change it where it says anything else."""
    if there is None:
        site.ask("package_create", dataset)
    elif _says(there, dataset):
        return False
    else:
        site.ask("package_patch", {"id": there["id"], **dataset})
    return True


def _put_files(site: _Site, there: Json | None, dataset: Json, files: Sequence[_File]) -> bool:
    """Put the files themselves; the dataset says no version until they are all there."""
    if there is None:
        there = dict(site.ask("package_create", dataset | {"version": ""}))
    held = {resource["name"]: resource for resource in _resources(there)}
    todo = [(held.pop(file.fields["name"], {}), file) for file in files]
    todo = [(old, file) for old, file in todo if old.get("hash") != file.fields["hash"]]
    changed = bool(todo or held)
    if changed and there.get("version"):
        site.ask("package_patch", {"id": there["id"], "version": ""})
        there["version"] = ""
    for old, file in todo:
        if old:
            site.ask("resource_patch", {"id": old["id"], **file.fields}, file.path)
        else:
            site.ask("resource_create", {"package_id": there["id"], **file.fields}, file.path)
    for old in held.values():
        site.ask("resource_delete", {"id": old["id"]})
    return _put(site, there, dataset) or changed


def _resources(there: Json | None) -> list[Json]:
    return list((there or {}).get("resources", ()))


def _says(there: Json, dataset: Json) -> bool:
    """Whether a dataset says all of another; fields that CKAN adds do not count."""
    fields = {key: value for key, value in dataset.items() if key not in ("resources", "owner_org")}
    if any((there.get(key) or "") != value for key, value in fields.items()):
        return False
    if "resources" not in dataset:
        return True
    old, new = _resources(there), dataset["resources"]
    return len(old) == len(new) and all(
        _same(key, a.get(key), value)
        for a, b in zip(old, new, strict=True)
        for key, value in b.items()
    )


def _same(key: str, old: object, new: object) -> bool:
    """Whether a field is as it was sent: CKAN writes a format in capitals of its own choice."""
    was, now = str(old or ""), str(new)
    return was.casefold() == now.casefold() if key == "format" else was == now


def _dataset(folder: Path, name: str, target: Target, settings: ReleaseSettings) -> Json:
    package = json.loads((folder / DESCRIPTOR).read_bytes())
    publishers = [c["title"] for c in package["contributors"] if "publisher" in c["roles"]]
    dataset = {
        "name": name,
        "title": package["title"],
        "notes": package["description"],
        "version": package["release"],
        "license_id": LICENCE,
        "state": "active",
        "author": next(iter(publishers), ""),
        "url": settings.base_url,
        "maintainer": settings.contact.name,
        "maintainer_email": settings.contact.email,
        "owner_org": target.organization,
    }
    return {key: value for key, value in dataset.items() if value}


def _files(root: Path, latest: Release, base_url: str) -> list[_File]:
    """The zip, the pages, then tables and shapes as a whole; with their addresses, if given."""
    folder, archive = root / latest.path, root / f"{latest.id}.zip"
    package = json.loads((folder / DESCRIPTOR).read_bytes())
    told: Mapping[str, Json] = {r["path"]: r for r in package["resources"]}
    data = sorted(path for path in told if str(PurePosixPath(path).parent) in FOLDERS)
    pages = [path for path in PAGES if (folder / path).is_file()]
    found = [_file(folder / path, path, told.get(path, {})) for path in (*pages, *data)]
    if archive.is_file():
        found.insert(0, _file(archive, "all.zip", {"title": "The whole release"}))
    if base_url:
        for file in found:
            file.fields["url"] = f"{base_url}/{file.path.relative_to(root).as_posix()}"
    return found


def _file(path: Path, name: str, told: Json) -> _File:
    fields = {
        "name": name,
        "description": told.get("title", ""),
        "format": PurePosixPath(name).suffix.lstrip(".").upper(),
        "mimetype": media_type(name).partition(";")[0],
        "size": path.stat().st_size,
        "hash": told.get("hash") or f"sha256:{hash_file(path)}",
    }
    return _File(path, fields)


class _Site:
    """A CKAN site, its errors made into what a person can mend."""

    def __init__(self, target: Target, wait: Wait) -> None:
        try:
            from ckanapi import RemoteCKAN
        except ImportError as error:
            raise InputError(
                f"target {target.name} needs a library that is not installed ({error})",
                mend="install the extra ckan of openbeat",
            ) from None
        self._name, self._wait = target.name, wait
        key = os.environ.get(target.key_env or "")
        if not key:
            raise InputError(
                f"target {target.name} needs an API key",
                mend=f"put it into the environment variable {target.key_env}"
                if target.key_env
                else "set the target's key_env to the variable that holds it",
            )
        self._ckan = RemoteCKAN(target.url, apikey=key, user_agent="openbeat")

    def ask(
        self, action: str, fields: Json, file: Path | None = None, *, missing: bool = False
    ) -> Any:
        """Call an action; None where what is asked for is not there and ``missing`` allows it.

        What makes something new is not tried again: it may have been made all the same.

        Raises:
            InputError: The site refuses it.
            SourceUnreachableError: It does not answer, or with an error of its own.
        """
        from ckanapi import errors
        from requests import RequestException

        tries = 1 if action.endswith("_create") else TRIES
        for attempt in range(tries):
            try:
                return self._call(action, fields, file)
            except errors.NotFound:
                if missing:
                    return None
                raise self._refused(action, "it is not there") from None
            except errors.NotAuthorized as error:
                raise self._refused(
                    action,
                    f"the key may not do that ({_message(error)})",
                    "give a key of an editor of the organisation, and the organisation's name",
                ) from None
            except errors.ValidationError as error:
                raise self._refused(action, _faults(error.error_dict)) from None
            except (RequestException, errors.CKANAPIError) as error:
                problem = self._passing(action, error)
            except errors.ServerIncompatibleError:
                raise self._refused(action, "it is no CKAN site", "correct its url") from None
            if attempt < tries - 1:
                self._wait(FIRST_WAIT * 2**attempt)
        raise SourceUnreachableError(f"target {self._name}: {action}: {problem}")

    def _call(self, action: str, fields: Json, file: Path | None) -> Any:
        with ExitStack() as stack:
            files = {"upload": (file.name, stack.enter_context(file.open("rb")))} if file else None
            return self._ckan.call_action(
                action, fields, files=files, requests_kwargs={"timeout": TIMEOUT}
            )

    def _passing(self, action: str, error: Exception) -> str:
        """What is wrong with an answer that is none of CKAN's, if it may pass.

        Raises:
            InputError: It will not.
        """
        from ckanapi.errors import CKANAPIError

        if not isinstance(error, CKANAPIError):
            return f"no answer ({type(error).__name__})"
        try:
            _url, status, _text = ast.literal_eval(str(error))  # as ckanapi words it
        except (ValueError, SyntaxError, TypeError):
            return "an answer that cannot be read"
        if status == TOO_MANY or status >= SERVER_ERROR:
            return f"HTTP {status}"
        raise self._refused(
            action,
            f"it answered with HTTP {status}, and not as CKAN does",
            "correct its url: the address of the CKAN site itself, with https and no redirect",
        ) from None

    def _refused(self, action: str, why: str, mend: str | None = None) -> InputError:
        return InputError(f"target {self._name} refused {action}: {masked(why)}", mend=mend)


def _message(error: Any) -> str:
    told = getattr(error, "extra_msg", None) or (error.args[0] if error.args else "")
    return str(told.get("message", "access denied") if isinstance(told, dict) else told)


def _faults(told: Mapping[str, Any]) -> str:
    """What CKAN finds wrong, field by field."""
    faults = {key: value for key, value in told.items() if key != "__type"}
    return "; ".join(
        f"{key}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for key, value in faults.items()
    )
