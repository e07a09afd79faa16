"""What Mallard raises when it refuses, and how long that may be."""

LONGEST_VALUE = 200
LONGEST_MESSAGE = 2_000


def shortened(text: str, longest: int = LONGEST_VALUE) -> str:
    """A text with its beginning and its end, and the number of characters left out between them.

    The macro `_shortened` does the same.
    """
    n_left_out = len(text) - longest
    if n_left_out <= 0:
        return text
    head = longest // 2
    return f"{text[:head]} ... {n_left_out:,} more characters ... {text[len(text) - (longest - head) :]}"


class MallardError(ValueError):
    """A setting, a table or a file can't be used. The message names it, its value and the remedy.

    Names, ids and values in the message are those of people, and can have any length: a long message loses its middle.
    """

    def __init__(self, message: str) -> None:
        super().__init__(shortened(message, LONGEST_MESSAGE))


class QueryError(MallardError):
    """An engine couldn't run a query. The message is the first line of what the engine said."""
