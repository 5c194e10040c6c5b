"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id with the least that OWASP's Password Storage Cheat Sheet asks for.

    Django's own 100 MiB and eight threads for each log-in are for a host that does nothing else: a
    few dozen people who come at once would take all of its memory.
    """

    memory_cost = 19 * 1024  # KiB
    time_cost = 2
    parallelism = 1
