"""Password hashing for one-machine worlds and tests, where thousands of people are made at once."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class LocalPBKDF2PasswordHasher(PBKDF2PasswordHasher):
    """PBKDF2 with few rounds. Never in production settings: config.settings picks Django's default there."""

    algorithm = "pbkdf2_local"
    iterations = 1_000
