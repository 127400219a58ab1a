from typing import Literal

Code = Literal["empty", "unsupported", "truncated", "corrupt", "too_large"]


class RejectedPhoto(Exception):
    """This file will never become a photo: retrying is pointless, the photographer has to act.

    `code` is for programs, `reason` is a sentence or two to show to the photographer as it stands.
    """

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason} ({self.code})"
