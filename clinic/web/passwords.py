"""Password hashing, outside any transaction: a check costs more time than a dose."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, current_app


def register_passwords(app: Flask) -> None:
    """Make the app's hasher, as costly as its configuration says, and a hash nobody has."""
    hasher = PasswordHasher(
        time_cost=app.config["PASSWORD_HASH_ROUNDS"],
        memory_cost=app.config["PASSWORD_HASH_MEMORY_KIB"],
    )
    app.extensions["passwords"] = hasher
    app.extensions["nobody_s_hash"] = hasher.hash("nobody")


def hash_of(password: str) -> str:
    hashed: str = current_app.extensions["passwords"].hash(password)
    return hashed


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right. An unknown account (None) takes the same time."""
    hasher: PasswordHasher = current_app.extensions["passwords"]
    try:
        hasher.verify(password_hash or current_app.extensions["nobody_s_hash"], password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
