"""The embedded stack: real PostgreSQL and Redis from wheels, and the supervisor of all parts."""

from config.stack.services import services

__all__ = ["services"]
