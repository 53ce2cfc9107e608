"""Pairs of keys to sign releases with. Not a test."""

from __future__ import annotations

from pathlib import Path

from minisign import KeyPair

from openbeat.release.settings import Signing


def made(folder: Path, name: str, password: str = "") -> Signing:
    """A pair of keys, as the minisign command line writes them."""
    pair = KeyPair.generate()
    signing = Signing(key=folder / f"{name}.key", public_key=folder / f"{name}.pub")
    assert signing.key
    assert signing.public_key
    signing.public_key.write_bytes(bytes(pair.public_key) + b"\n")
    if password:  # minisign's own cost takes a gigabyte
        pair.secret_key.encrypt(password, opslimit=32768, memlimit=1 << 22)
        signing = signing.model_copy(update={"password_env": "SIGNING_PASSWORD"})
    signing.key.write_bytes(bytes(pair.secret_key) + b"\n")
    return signing
