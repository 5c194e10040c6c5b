"""The embedded stack: real PostgreSQL and Redis from wheels, and the supervisor of all parts."""
