"""What keeps the stack from starting, in words for the operator."""


class StackError(Exception):
    """The stack cannot start or go on; the text says why and what to do."""
