"""What Mallard raises when it refuses."""


class MallardError(ValueError):
    """A setting, a table or a file can't be used. The message names it, its value and the remedy."""


class QueryError(MallardError):
    """An engine couldn't run a query. The message is the first line of what the engine said."""
