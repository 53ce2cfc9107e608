"""The signature of a release: one by minisign over ``SHA256SUMS``, which pins every other file.

Only making and checking it belongs here; keys are made with the minisign command line
(docs/verifying.md). The same release and key give the same signature: Ed25519 has no chance in it
(RFC 8032), and the trusted comment holds the release's id where minisign would put the time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from openbeat.errors import InputError
from openbeat.release.files import replace_text
from openbeat.release.integrity import DESCRIPTOR, SIGNATURE, SUMS, Problem

if TYPE_CHECKING:
    from minisign import PublicKey, SecretKey

    from openbeat.release.settings import Signing

UNTRUSTED = "signature of an openbeat release; check it with minisign -Vm SHA256SUMS -p KEY"


def sign(folder: Path, signing: Signing, environ: Mapping[str, str] = os.environ) -> str | None:
    """Sign a release, where a key is configured; replaces a signature that is there.

    Args:
        folder: A release with its ``SHA256SUMS``, not public yet.
        signing: The keys.
        environ: Where the secret key's password is looked up.

    Returns:
        The name of the file written, None where no key is configured.

    Raises:
        InputError: A key cannot be read or opened, or the public key is not of the secret one.
    """
    if signing.key is None:
        return None
    release = json.loads((folder / DESCRIPTOR).read_bytes())["release"]
    with _secret_key(signing.key, signing.password_env, environ) as secret:
        made = secret.sign(
            (folder / SUMS).read_bytes(),
            untrusted_comment=UNTRUSTED,
            trusted_comment=f"openbeat release {release}",
        )
        own = secret.get_public_key()
    if signing.public_key is not None and read_public_key(signing.public_key) != own:
        raise InputError(
            "is not the public key of the secret key that releases are signed with",
            file=signing.public_key.name,
            mend="set release.signing.public_key to the file made with the secret key; "
            "minisign -R makes it again.",
        )
    replace_text(folder / SIGNATURE, bytes(made).decode() + "\n")
    return SIGNATURE


def check_signature(folder: Path, public_key: Path) -> Problem | None:
    """Check who signed a release. Whether its files fit ``SHA256SUMS`` is for ``verify``.

    Args:
        folder: A release.
        public_key: The publisher's public key, a file of minisign's.

    Returns:
        What is wrong; None where the signature is by that key.

    Raises:
        InputError: The public key cannot be read.
    """
    from minisign import ParseError, Signature, VerifyError

    key = read_public_key(public_key)
    if not (folder / SIGNATURE).is_file():
        return Problem(SIGNATURE, "unsigned", "is not there: the release is not signed")
    try:
        made = Signature.from_bytes((folder / SIGNATURE).read_bytes())
        key.verify((folder / SUMS).read_bytes(), made)
    except ParseError:
        return Problem(SIGNATURE, "signature", "is no signature of minisign's")
    except VerifyError:
        return Problem(SIGNATURE, "signature", f"is not of this {SUMS} by {public_key.name}")
    except OSError as error:
        return Problem(SIGNATURE, "unreadable", f"cannot be checked ({error.strerror})")
    return None


def read_public_key(path: Path) -> PublicKey:
    """Read a public key: a file of minisign's, or its second line alone.

    Raises:
        InputError: It cannot be read, or is none.
    """
    from minisign import ParseError, PublicKey

    lines = _read(path, "public key").strip().splitlines()
    try:
        return PublicKey.from_base64(lines[-1] if lines else b"")
    except ParseError:
        raise InputError(
            "is no public key of minisign's",
            file=path.name,
            mend="give the file minisign.pub of the publisher.",
        ) from None


def _secret_key(path: Path, password_env: str | None, environ: Mapping[str, str]) -> SecretKey:
    """The secret key, opened with its password."""
    from minisign import Error, ParseError, SecretKey

    try:
        secret = SecretKey.from_bytes(_read(path, "secret key"))
    except ParseError:
        raise InputError(
            "is no secret key of minisign's",
            file=path.name,
            mend="set release.signing.key to the file that minisign -G made.",
        ) from None
    if not secret.is_encrypted():
        return secret
    password = environ.get(password_env or "", "")
    if not password:
        raise InputError(
            "the secret key has a password, and none is given",
            file=path.name,
            mend=f"put it into the environment variable {password_env}."
            if password_env
            else "set release.signing.password_env to the variable that holds it.",
        )
    try:
        secret.decrypt(password)
    except Error:
        raise InputError(
            "the password is not that of the secret key",
            file=path.name,
            mend=f"correct the environment variable {password_env}.",
        ) from None
    return secret


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"the {what} cannot be read ({error.strerror or type(error).__name__})",
            file=path.name,
            mend="check its place in the settings, or what was given with --public-key.",
        ) from None
