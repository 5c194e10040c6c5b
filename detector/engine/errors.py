"""What can be wrong with a clip. The words for each code live in `detector.messages`."""


class ClipError(Exception):
    """The clip cannot be judged and another try would not help.

    Parameters
    ----------
    code : str
        Stable code, a key of `detector.messages.PROBLEMS`, such as ``"unsupported_format"``.
    **params : object
        Values for the placeholders of the code's message (``limit``, ``found``, ...).
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class DecoderCrashedError(ClipError):
    """The decoding child died, ran out of memory or out of time: one more try is allowed."""
