"""A release's signature: anyone can check it with minisign alone, and no other key passes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from openbeat.errors import InputError
from openbeat.release.integrity import content_digest, verify
from openbeat.release.settings import Signing
from openbeat.release.signing import check_signature, sign
from tests.openbeat.release.keys import made

SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.minisig"
minisign = pytest.mark.skipif(
    shutil.which("minisign") is None, reason="the system package minisign is not installed"
)


@pytest.fixture
def keys(tmp_path: Path) -> Signing:
    return made(tmp_path, "ours")


def test_the_signature_is_by_the_key_and_names_the_release(release: Path, keys: Signing) -> None:
    digest = content_digest(release)
    assert sign(release, keys) == SIGNATURE
    assert keys.public_key
    assert check_signature(release, keys.public_key) is None
    assert "trusted comment: openbeat release 2025-06-r1" in (release / SIGNATURE).read_text()
    # It is in no list of files, changes nothing of the release, and is no file too many.
    assert verify(release) == []
    assert content_digest(release) == digest


def test_signing_again_gives_the_same_bytes(release: Path, keys: Signing) -> None:
    sign(release, keys)
    first = (release / SIGNATURE).read_bytes()
    sign(release, keys)
    assert (release / SIGNATURE).read_bytes() == first


def test_without_a_key_nothing_is_signed(release: Path) -> None:
    assert sign(release, Signing()) is None
    assert not (release / SIGNATURE).exists()


@minisign
def test_the_minisign_command_line_checks_it(release: Path, keys: Signing) -> None:
    sign(release, keys)
    command = ["minisign", "-V", "-m", SUMS, "-p", str(keys.public_key)]
    done = subprocess.run(command, cwd=release, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "openbeat release 2025-06-r1" in done.stdout


@minisign
def test_keys_and_signatures_of_the_command_line_serve(release: Path, tmp_path: Path) -> None:
    key, public = tmp_path / "made.key", tmp_path / "made.pub"
    make = ["minisign", "-G", "-W", "-s", str(key), "-p", str(public)]
    subprocess.run(make, capture_output=True, check=True)
    sign(release, Signing(key=key, public_key=public))
    assert check_signature(release, public) is None
    (release / SIGNATURE).unlink()
    by_hand = ["minisign", "-S", "-W", "-s", str(key), "-m", SUMS]
    subprocess.run(by_hand, cwd=release, capture_output=True, check=True)
    assert check_signature(release, public) is None


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="coreutils are not installed")
def test_coreutils_check_every_file(release: Path, keys: Signing) -> None:
    sign(release, keys)
    command = ["sha256sum", "--check", "--strict", "--quiet", SUMS]
    assert subprocess.run(command, cwd=release, check=False).returncode == 0
    (release / "quality.json").write_text("[]")
    done = subprocess.run(command, cwd=release, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "quality.json: FAILED" in done.stdout


def test_another_key_shows(release: Path, keys: Signing, tmp_path: Path) -> None:
    sign(release, made(tmp_path, "theirs"))
    assert keys.public_key
    found = check_signature(release, keys.public_key)
    assert found
    assert (found.path, found.kind) == (SIGNATURE, "signature")
    assert found.message == "is not of this SHA256SUMS by ours.pub"


def test_a_release_changed_in_itself_rightly_is_given_away_by_its_signature(
    release: Path, keys: Signing
) -> None:
    sign(release, keys)
    lines = (release / SUMS).read_text().splitlines(keepends=True)
    (release / SUMS).write_text("".join(lines[:-1]))
    assert keys.public_key
    found = check_signature(release, keys.public_key)
    assert found
    assert found.kind == "signature"


def test_a_changed_trusted_comment_shows(release: Path, keys: Signing) -> None:
    sign(release, keys)
    text = (release / SIGNATURE).read_text()
    (release / SIGNATURE).write_text(text.replace("2025-06-r1", "2025-06-r2"))
    assert keys.public_key
    found = check_signature(release, keys.public_key)
    assert found
    assert found.kind == "signature"


@pytest.mark.parametrize("data", [b"", b"nonsense", b"a\nb\nc\nd\n", b"\xff\n" * 4])
def test_what_is_no_signature_shows(release: Path, keys: Signing, data: bytes) -> None:
    (release / SIGNATURE).write_bytes(data)
    assert keys.public_key
    found = check_signature(release, keys.public_key)
    assert found
    assert found.message == "is no signature of minisign's"


def test_a_signature_that_was_taken_away_shows(release: Path, keys: Signing) -> None:
    assert keys.public_key
    found = check_signature(release, keys.public_key)
    assert found
    assert found.kind == "unsigned"


def test_the_line_of_a_public_key_alone_serves(release: Path, keys: Signing) -> None:
    sign(release, keys)
    assert keys.public_key
    keys.public_key.write_text(keys.public_key.read_text().splitlines()[1])
    assert check_signature(release, keys.public_key) is None


def test_a_key_with_a_password(release: Path, tmp_path: Path) -> None:
    locked = made(tmp_path, "locked", password="correct horse")
    assert sign(release, locked, {"SIGNING_PASSWORD": "correct horse"}) == SIGNATURE
    assert locked.public_key
    assert check_signature(release, locked.public_key) is None
    with pytest.raises(InputError, match=r"locked\.key: the password is not that of") as wrong:
        sign(release, locked, {"SIGNING_PASSWORD": "battery staple"})
    assert "battery" not in str(wrong.value)
    with pytest.raises(InputError, match="put it into the environment variable SIGNING_PASSWORD"):
        sign(release, locked, {})
    unnamed = locked.model_copy(update={"password_env": None})
    with pytest.raises(InputError, match=r"set release\.signing\.password_env"):
        sign(release, unnamed, {})


def test_keys_that_are_not_a_pair_sign_nothing(
    release: Path, keys: Signing, tmp_path: Path
) -> None:
    other = made(tmp_path, "other")
    mixed = keys.model_copy(update={"public_key": other.public_key})
    with pytest.raises(InputError, match=r"other\.pub: is not the public key of the secret key"):
        sign(release, mixed)
    assert not (release / SIGNATURE).exists()


@pytest.mark.parametrize("data", [None, b"", b"nonsense", b"untrusted comment: x\nAAAA\n"])
def test_what_is_no_key_is_told_without_its_place(
    release: Path, keys: Signing, data: bytes | None
) -> None:
    assert keys.key
    assert keys.public_key
    for path in (keys.key, keys.public_key):
        path.unlink()
        if data is not None:
            path.write_bytes(data)
    for use in (lambda: sign(release, keys), lambda: check_signature(release, keys.public_key)):
        with pytest.raises(InputError, match=r"^ours\.(key|pub): .*Mend: ") as error:
            use()
        assert str(keys.key.parent) not in str(error.value)
