"""Why a report is refused. The message is for a photographer."""


class ReportRefused(Exception):
    """The report cannot be made as the gallery is now."""


class NothingToPrint(ReportRefused):
    """There is no photo that is ready."""

    def __init__(self) -> None:
        super().__init__("No photo of this gallery is ready yet. Add some, and make the contact sheet then.")


class TooManyPhotos(ReportRefused):
    """More photos than the task has time for."""

    def __init__(self, *, count: int, most: int) -> None:
        super().__init__(f"A contact sheet holds up to {most:,} photos; this gallery has {count:,}.")
