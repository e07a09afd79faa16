"""What the names of columns say."""

from __future__ import annotations

import re
from collections.abc import Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ID = _words("id ids no nr num number code key uuid guid ref unique")
ROW = _words("row index unnamed")
"""What programs call the number of a row."""
LAYERS = _words("raw src stg base int dim fct fact mart")
"""Words before the names of tables."""
CUSTOMER = _words("customer cust client user buyer account member shopper visitor guest subscriber")
EMAIL = _words("email mail")
"""Who a customer of orders is, if there is no id."""
ORDER = ["order", "invoice", "transaction", "receipt", "basket", "booking", "bill", "purchase", "sale", "checkout"]
"""The likelier first."""
ORDERED = _words("ordered purchased bought placed booked sold") | set(ORDER)
MOMENT = _words("date datetime time timestamp day at on created")
NOT_ORDERED = _words(
    "ship shipped shipping deliver delivery delivered due paid payment approved estimated cancelled canceled updated "
    "modified deleted loaded birth return returned refund refunded end expiry expires signup registered"
)
"""Of moments that aren't those of the order."""
MONEY = [_words("revenue amount total sales turnover spend spent gmv"), _words("value paid payment net gross")]
"""The likelier first."""
PRICE = "price"
"""Of the row, or of one piece if there is a quantity."""
NOT_MONEY = _words(
    "tax vat discount shipping freight fee unit profit margin cost balance refund refunded tip points items quantity "
    "qty count orders units days share rate percent average avg mean median per"
)
"""Of numbers that aren't what was paid for the row in all."""
QUANTITY = _words("quantity qty units pieces")
PERSONAL = EMAIL | _words(
    "firstname lastname surname fullname phone mobile telephone tel fax address street postcode zip birth birthday "
    "birthdate dob ssn iban ip"
)
NAME = "name"
"""Personal if it is that of a person."""
KNOWN = frozenset().union(ID, CUSTOMER, ORDERED, MOMENT, NOT_ORDERED, *MONEY, {PRICE}, NOT_MONEY, QUANTITY, PERSONAL)
BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case: those of "CustomerID", "customer id" and "customerid" are the same."""
    words = re.findall(r"[^\W_]+", BETWEEN_WORDS.sub(" ", name).lower())
    return [part for word in words for part in _parts(word)]


def is_id(name: str) -> bool:
    """Whether a name is that of an id: "account number" is, and "number of visits" isn't."""
    words = words_of(name)
    return bool(words) and (words[-1] in ID or words[0] == "id")


def likeness_to_money(name: str, groups: Sequence[frozenset[str]]) -> int:
    """How likely a number is what was paid, by its name: more for a word of an earlier group, 0 if it has none."""
    words = set(words_of(name))
    if words & (NOT_MONEY | ID):
        return 0
    return next((len(groups) - i for i, group in enumerate(groups) if words & group), 0)


def words_of_table(name: str) -> list[str]:
    """The words of the name of a table in the singular, without those that say where it comes from."""
    return [_singular(word) for word in words_of(name) if word not in LAYERS]


def _singular(word: str) -> str:
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
