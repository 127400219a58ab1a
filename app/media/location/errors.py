class UnreadableBlock(Exception):
    """This block of metadata follows no known form: empty it whole."""


class UnreadableFile(Exception):
    """The container does not lead to its metadata: nobody can say that it holds no position. Refuse the photo."""
