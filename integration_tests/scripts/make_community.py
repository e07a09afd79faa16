"""Makes up a shop with a community: its customers, their reviews, and what else they do there. Nothing in it is real.

`python integration_tests/scripts/make_community.py` writes the three seeds; `--output FOLDER` writes them elsewhere.
They are the same to the byte each time.

Five groups of customers are planted. Four of them buy alike, so orders and revenue can't tell them apart:

- advocates refer others, post, and write long, good reviews;
- quiet customers are watched, and hardly ever do anything;
- critics of delivery and critics of price write bad reviews, each about their own topic, which only the texts tell.

The fifth, occasional customers, buy less and do little. One customer in eight has no account in the community, so that
what they do there is unknown; most of the quiet ones have an account and no review. A few rows are as real ones would
be: without a customer, a rating or a text, or from after the day on which everybody is looked at.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

SEEDS = Path(__file__).parents[1] / "seeds"
AS_OF = datetime.datetime(2026, 6, 30)
"""The day on which everybody is looked at."""

T = TypeVar("T")
Row = dict[str, object]


@dataclass(frozen=True)
class Group:
    """How customers of one group behave; pairs are the lowest and the highest number."""

    name: str
    n_customers: int
    orders: tuple[int, int]
    reviews: tuple[int, int]
    ratings: Sequence[int]
    topics: Sequence[str]
    sentences: tuple[int, int]
    events: dict[str, tuple[int, int]]
    is_fading: bool = False


OFTEN = (8, 20)
ANYTHING = ("delivery", "quality", "price", "service")
GROUPS = (
    Group(
        "advocates",
        80,
        OFTEN,
        (2, 6),
        (4, 5, 5, 5),
        ("quality", "quality", "service"),
        (2, 4),
        {"post": (4, 10), "like": (6, 16), "follow": (1, 4), "referral": (2, 6)},
    ),
    Group("quiet", 100, OFTEN, (-4, 1), (4, 5), ANYTHING, (1, 1), {"like": (-2, 2)}),
    Group(
        "critics of delivery",
        50,
        OFTEN,
        (2, 4),
        (1, 1, 2, 2, 3),
        ("delivery", "delivery", "delivery", "service"),
        (1, 3),
        {"post": (2, 6), "like": (0, 3)},
        is_fading=True,
    ),
    Group(
        "critics of price",
        50,
        OFTEN,
        (2, 4),
        (1, 1, 2, 2, 3),
        ("price", "price", "price", "quality"),
        (1, 3),
        {"post": (2, 6), "like": (0, 3)},
        is_fading=True,
    ),
    Group("occasional", 120, (1, 4), (-1, 2), (2, 3, 4, 5), ANYTHING, (1, 2), {"like": (0, 4), "follow": (0, 1)}),
)

PRODUCTS = ("kettle", "lamp", "backpack", "blanket", "radio", "coffee grinder", "desk chair", "raincoat")
GOOD = {
    "delivery": (
        "The {product} arrived a day early.",
        "The parcel came on time and was well packed.",
        "Shipping took {days} days, as promised.",
        "The courier rang the bell and was friendly.",
    ),
    "quality": (
        "The {product} is solid and beautifully made.",
        "After {days} weeks the {product} still works like new.",
        "The material feels sturdy and the finish is perfect.",
        "You can see how carefully this {product} was made.",
        "This {product} will last for years.",
    ),
    "price": (
        "The {product} is a bargain.",
        "I have not seen a {product} for less anywhere.",
        "Good value for the money.",
        "The discount made it really cheap.",
    ),
    "service": (
        "Support answered within an hour and was very helpful.",
        "A kind person at the hotline solved everything.",
        "They exchanged the {product} without any question.",
        "The staff know the {product} and gave good advice.",
    ),
}
BAD = {
    "delivery": (
        "The {product} arrived {days} days late.",
        "The parcel was left in the rain by the courier.",
        "Shipping took far too long and tracking never worked.",
        "The courier did not ring, and the parcel went back.",
        "I waited at home for a delivery that never came.",
        "The box was crushed on the way.",
    ),
    "quality": (
        "The {product} broke after {days} weeks.",
        "The material feels thin and the seams come apart.",
        "The {product} has scratches and a loose screw.",
        "The colour faded after a few days.",
    ),
    "price": (
        "The {product} is far too expensive.",
        "I found the same {product} much cheaper elsewhere.",
        "The price went up twice this year.",
        "Not worth the money at all.",
        "Hidden fees made it cost more than the discount saved.",
        "They charge a fortune for a simple {product}.",
    ),
    "service": (
        "Support did not answer for {days} days.",
        "The hotline kept me waiting and hung up.",
        "Nobody felt responsible for my complaint.",
        "They refused to take the {product} back.",
    ),
}


class Dice:
    """Draws that are the same in every version of Python, which promises so for `random()` alone."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def between(self, lowest: int, highest: int) -> int:
        """A whole number, both ends included."""
        return lowest + int((highest - lowest + 1) * self._random.random())

    def how_many(self, span: tuple[int, int]) -> int:
        """A number of events; what is below 0 is none."""
        return max(self.between(*span), 0)

    def one_of(self, values: Sequence[T]) -> T:
        return values[self.between(0, len(values) - 1)]

    def happens(self, one_in: int) -> bool:
        return self.between(1, one_in) == 1

    def moment(self, is_fading: bool) -> str:
        """Some minute of the last 360 days; of those who fade, mostly not of the last 150."""
        days_ago = self.between(150 if is_fading and not self.happens(6) else 0, 359)
        moment = AS_OF - datetime.timedelta(days=days_ago) + datetime.timedelta(minutes=self.between(0, 1439))
        return moment.isoformat(sep=" ")


def _customers(dice: Dice) -> list[tuple[Group, Row]]:
    groups = [group for group in GROUPS for _ in range(group.n_customers)]
    shuffled = sorted(groups, key=lambda _: dice.between(0, 10**9))
    return [(group, _customer(dice, group, number)) for number, group in enumerate(shuffled, 1)]


def _customer(dice: Dice, group: Group, number: int) -> Row:
    orders = dice.between(*group.orders)
    cents = sum(dice.between(1500, 9500) for _ in range(orders))
    return {
        "customer_id": f"m-{number:03}",
        "orders": orders,
        "revenue": f"{cents / 100:.2f}",
        "has_account": "false" if dice.happens(8) else "true",
        "planted_group": group.name,
    }


def _text(dice: Dice, group: Group, rating: int) -> str:
    """Sentences about the topics of the group; with a middling rating, some of them good and some bad."""
    if dice.happens(12):
        return ""
    product, days = dice.one_of(PRODUCTS), dice.between(2, 9)
    sentences = []
    for _ in range(dice.between(*group.sentences)):
        is_good = rating > 3 or (rating == 3 and dice.happens(2))
        phrase = dice.one_of((GOOD if is_good else BAD)[dice.one_of(group.topics)])
        sentences.append(phrase.format(product=product, days=days))
    return " ".join(dict.fromkeys(sentences))


def _reviews(dice: Dice, customers: Iterable[tuple[Group, Row]]) -> list[Row]:
    reviews = []
    for group, customer in customers:
        for _ in range(dice.how_many(group.reviews)):
            rating = dice.one_of(group.ratings)
            reviews.append(
                {
                    "customer_id": "" if dice.happens(120) else customer["customer_id"],
                    "reviewed_at": "2026-07-02 08:00:00" if dice.happens(150) else dice.moment(group.is_fading),
                    "rating": "" if dice.happens(40) else rating,
                    "text": _text(dice, group, rating),
                }
            )
    reviews.sort(key=lambda review: str(review["reviewed_at"]))
    return [{"review_id": f"r-{number:04}", **review} for number, review in enumerate(reviews, 1)]


def _activity(dice: Dice, customers: Iterable[tuple[Group, Row]]) -> list[Row]:
    events: list[Row] = [
        {
            "customer_id": "" if dice.happens(400) else customer["customer_id"],
            "happened_at": "2026-07-01 12:00:00" if dice.happens(500) else dice.moment(group.is_fading),
            "kind": kind,
        }
        for group, customer in customers
        for kind, span in group.events.items()
        for _ in range(dice.how_many(span))
    ]
    return sorted(events, key=lambda event: str(event["happened_at"]))


def _write(rows: Sequence[Row], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Write the three seeds."""
    parser = argparse.ArgumentParser(description="Make up the seeds of a community.")
    parser.add_argument("--output", type=Path, default=SEEDS, help="folder of the seeds")
    folder = parser.parse_args().output
    dice = Dice(2026)
    customers = _customers(dice)
    with_account = [(group, customer) for group, customer in customers if customer["has_account"] == "true"]
    _write([customer for _, customer in customers], folder / "community_customers.csv")
    _write(_reviews(dice, with_account), folder / "community_reviews.csv")
    _write(_activity(dice, with_account), folder / "community_activity.csv")


if __name__ == "__main__":
    main()
