"""What the names of columns say."""

from __future__ import annotations

import re

ID = frozenset({"id", "ids", "no", "nr", "num", "number", "code", "key", "uuid", "guid", "ref", "unique"})
ROW = frozenset({"row", "index", "unnamed"})
"""What programs call the number of a row."""
CUSTOMER = frozenset(
    {"customer", "cust", "client", "user", "buyer", "account", "member", "shopper", "visitor", "guest", "subscriber"}
)
ORDER = ("order", "invoice", "transaction", "receipt", "basket", "booking", "bill", "purchase", "sale", "checkout")
"""The likelier first."""
ORDERED = frozenset({*ORDER, "ordered", "purchased", "bought", "placed", "booked", "sold"})
MOMENT = frozenset({"date", "datetime", "time", "timestamp", "day", "at", "on", "created"})
NOT_ORDERED = frozenset(
    {"ship", "shipped", "shipping", "deliver", "delivery", "delivered", "due", "paid", "payment", "approved"}
    | {"estimated", "cancelled", "canceled", "updated", "modified", "deleted", "loaded", "birth", "return", "returned"}
    | {"refund", "refunded", "end", "expiry", "expires", "signup", "registered"}
)
"""Of moments that aren't those of the order."""
MONEY = ("revenue amount total sales turnover spend spent gmv", "value paid payment net gross", "price")
"""The likelier first, in groups of the same likelihood."""
NOT_MONEY = frozenset(
    {"tax", "vat", "discount", "shipping", "freight", "fee", "unit", "profit", "margin", "cost", "balance", "refund"}
    | {"tip", "points", "items", "quantity", "qty", "count", "orders", "units", "days", "share", "rate", "percent"}
)
"""Of numbers that aren't what was paid for the row."""
QUANTITY = frozenset({"quantity", "qty", "units", "pieces"})
PERSONAL = frozenset(
    {"email", "mail", "firstname", "lastname", "surname", "fullname", "phone", "mobile", "telephone", "tel", "fax"}
    | {"address", "street", "postcode", "zip", "birth", "birthday", "birthdate", "dob", "ssn", "iban", "ip"}
)
NAME = "name"
"""Personal if it is that of a person."""
KNOWN = ID | CUSTOMER | ORDERED | MOMENT | NOT_ORDERED | NOT_MONEY | QUANTITY | PERSONAL | set(" ".join(MONEY).split())
BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case: those of "CustomerID", "customer id" and "customerid" are the same."""
    words = re.findall(r"[^\W_]+", BETWEEN_WORDS.sub(" ", name).lower())
    return [part for word in words for part in _parts(word)]


def singular(word: str) -> str:
    """The singular of an English word, if it is formed as most are."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("ses", "xes", "ches", "shes")) and not word.endswith(("uses", "ases")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _parts(word: str) -> list[str]:
    """Two known words that are written as one, or the word."""
    if word not in KNOWN:
        for i in range(2, len(word) - 1):
            if word[:i] in KNOWN and word[i:] in KNOWN:
                return [word[:i], word[i:]]
    return [word]
