"""What can be wrong with where rows are looked for, and with moving them."""

__all__ = ["MoveRefused", "NoShard", "ShardClosed", "ShardError", "UnknownKey", "WrongShard"]


class ShardError(Exception):
    """Base of all of these."""


class NoShard(ShardError):
    """Rows that are spread over shards were asked for before it was said whose."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} lies on the shards, and none is current. A request settles on one by its key "
            "(serverless.db.shards.serve), a command names one: with using(alias) or entered(key)."
        )


class WrongShard(ShardError):
    """A second shard within the work on one, or a row of another one."""


class UnknownKey(ShardError):
    """The directory has no such key."""

    def __init__(self, key: object) -> None:
        super().__init__(f"The directory has no key {key}.")


class ShardClosed(ShardError):
    """The key is being moved: nothing of it may be written until that is over."""

    def __init__(self, key: object) -> None:
        super().__init__(f"The rows of {key} are being moved to another shard. Write again when that is over.")


class MoveRefused(ShardError):
    """A move that cannot begin or go on; the message says what to do."""
