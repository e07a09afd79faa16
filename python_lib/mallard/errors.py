"""What Mallard says when it refuses."""


class MallardError(ValueError):
    """A setting or a table that can't be used: the message names it, its value and the remedy."""
