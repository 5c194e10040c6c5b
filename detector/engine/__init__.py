"""Pure Python, no Django: bytes -> decoded audio -> segments -> features -> scores -> verdict."""
