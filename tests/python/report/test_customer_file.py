"""The page explains customers of a CSV file that the reader chooses, and says what is wrong with another file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from axe_core_python.sync_playwright import Axe
from database import groups, make_database
from numpy.typing import NDArray
from playwright.sync_api import Page
from scipy.special import softmax

from mallard.report.disclosure import Disclosure
from mallard.report.write import write_report

Opened = Callable[..., Page]
Floats = NDArray[np.float64]
N = 3000
FEATURES = ["income", "orders", "colour=red", "member"]
NAMES = ["<b>small</b>", "regulars", "big spenders"]
IN_THE_FILE = """
alter table people add column colour varchar;
update people set
    income = case when rowid % 50 > 0 then 3 * sinh(income) end,
    orders = exp(orders) - 1,
    colour = case when "colour=red" = 1 then 'red' when rowid % 7 = 0 then '' else 'blue, "light"' end;
alter table people drop column "colour=red";
alter table people alter column member type boolean;
update people__centroids set scaled_expression = replace(replace(replace(scaled_expression,
    '"income"', 'coalesce(asinh(case when isfinite("income") then cast("income" as double) end / 3), {filler})'),
    '"orders"', 'ln(1 + cast("orders" as double))'),
    '"colour=red"', 'cast(cast("colour" as varchar) collate posix = ''red'' as double)');
update people__centroids set scaled_expression = replace(scaled_expression, '"member"', 'cast("member" as double)')
"""


@dataclass
class Shop:
    """Customers of whom a page has a sample, all of them in a file, and where they are.

    Attributes:
        table: the columns of the file, and its rows as texts.
        scaled: shape (N, 4).
        centroids: shape (3, 4).
        absent: places of customers whom the page doesn't have.
    """

    database: Path
    page: Path
    table: list[list[str]]
    scaled: Floats
    labels: NDArray[np.int64]
    centroids: Floats
    absent: list[int]

    def text(self, **changes: str) -> str:
        """The file with other values for the first customer whom the page doesn't have."""
        rows = [list(row) for row in self.table]
        for column, value in changes.items():
            rows[self.absent[0] + 1][rows[0].index(column)] = value
        return _csv(rows)


def _csv(rows: list[list[str]], **form: Any) -> str:
    text = io.StringIO()
    csv.writer(text, **{"lineterminator": "\n"} | form).writerows(rows)
    return text.getvalue()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("file")
    rng = np.random.default_rng(2)
    numbers, labels = groups(N, 2, 3)
    numbers = np.round(numbers / 8 + rng.normal(size=numbers.shape), 2)
    numbers[::50, 0] = 0.5  # for those who lack a value
    values = np.column_stack([numbers, rng.random(N) < 0.2 + 0.3 * labels, rng.random(N) < 0.5]).astype(float)
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    for _ in range(20):
        centroids = np.array([scaled[labels == one].mean(axis=0) for one in range(3)])
        labels = ((scaled[:, None] - centroids) ** 2).sum(axis=2).argmin(axis=1)
    centroids = np.array([scaled[labels == one].mean(axis=0) for one in range(3)])
    database = make_database(folder / "people.duckdb", values, labels, FEATURES, NAMES)
    file = folder / "people.csv"
    with duckdb.connect(database) as connection:
        connection.execute(IN_THE_FILE.format(filler=0.5))
        connection.execute(f"copy people to '{file}'")
    page = write_report(database, folder / "page.html", pictures=False).page
    table = list(csv.reader(io.StringIO(file.read_text())))
    known = page.read_text()
    absent = [i for i in range(N) if f'"c{i}"' not in known]
    return Shop(database, page, table, scaled, labels, centroids, absent)


@pytest.fixture
def page(shop: Shop, opened: Opened) -> Page:
    return opened(shop.page)


def _choose(page: Page, text: str | bytes, name: str = "people.csv") -> str:
    """What the page says of a file, when it has been read."""
    content = text if isinstance(text, bytes) else text.encode()
    page.locator("#file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    place = page.locator("#about-chosen")
    place.locator("text=is being read").wait_for(state="hidden")
    return place.inner_text()


def _find(page: Page, wanted: str) -> str:
    page.locator("#wanted").fill(wanted)
    page.locator("#find-one").click()
    return page.locator("#found").inner_text()


def test_customers_of_a_file_are_explained_by_the_formulas(shop: Shop, page: Page) -> None:
    """A softmax by scipy, and terms of the squared distances by numpy."""
    assert _choose(page, shop.text()) == "people.csv was read: it has 3,000 customers."
    assert len(shop.absent) > 900
    squared = ((shop.scaled[:, None] - shop.centroids) ** 2).sum(axis=2)
    variance = squared.min(axis=1).mean() / 4
    shares = softmax(-squared / (2 * variance), axis=1)
    order = squared.argsort(axis=1)
    lacking = [i for i in shop.absent if i % 50 == 0]
    for i in [*lacking[:5], *shop.absent[:60]]:
        found, (second, percentages, reasons) = page.evaluate("id => explainedRow(rowsOfFile(id)[0])", f"c{i}")
        assert (found["id"], found["segment"], second) == (f"c{i}", shop.labels[i] + 1, order[i, 1] + 1)
        assert percentages == [
            one for k in order[i] if shares[i, k] >= 0.005 for one in (k + 1, round(100 * shares[i, k]))
        ]
        own, other = shop.centroids[order[i, :2]]
        terms = (shop.scaled[i] - other) ** 2 - (shop.scaled[i] - own) ** 2
        strongest = [k for k in np.argsort(-abs(terms)) if abs(terms[k]) >= 0.05 * abs(terms).max()]
        assert [one[0] for one in reasons] == [(k + 1) * (1 if terms[k] > 0 else -1) for k in strongest]
        if i % 50 == 0:
            assert found["f0"] is None
        of_shares = {abs(one[0]): one[1] for one in reasons}
        for place in {3, 4} & of_shares.keys():
            assert of_shares[place] == (shop.scaled[i, place - 1] > 0)


def test_the_card_is_that_of_the_customers_of_the_page(shop: Shop, page: Page) -> None:
    ids = page.evaluate("inFinder.map(({ id }) => id)")
    before = [_find(page, one) for one in ids[:40]]
    cells = page.locator("#found tbody td").count()
    _choose(page, shop.text())
    page.evaluate("facts.finder.explained.fill(null)")
    assert [_find(page, one) for one in ids[:40]] == before
    assert page.locator("#found tbody td").count() == cells > 4
    assert "in segment" in before[0]
    first = f"c{shop.absent[0]}"
    assert _find(page, f" {first.upper()} ").startswith(f"{first} is in segment {shop.labels[shop.absent[0]] + 1}, ")
    assert page.locator("#found b").count() == 0
    assert _find(page, "nobody") == (
        "nobody is neither in the sample of this page nor in the file; mallard.explain tells of anybody."
    )


FORMS: list[dict[str, Any]] = [
    {"delimiter": ";"},
    {"delimiter": "\t", "lineterminator": "\r\n"},
    {"quoting": csv.QUOTE_ALL, "lineterminator": "\r\n"},
    {"lineterminator": "\r"},
]


def test_csv_may_have_any_form(shop: Shop, page: Page) -> None:
    heading, *rows = shop.table
    places = [heading.index(column) for column in ("segment_id", "second_segment_id")]
    floats = [[f"{cell}.0" if i in places else cell for i, cell in enumerate(row)] for row in rows]
    renamed = [column.upper() for column in heading]
    table = [["note, in short; \t", *renamed], *(['two\nlines, "quoted"; x', *row] for row in floats)]
    for n, form in enumerate(FORMS, 1):
        text = "\ufeff" + _csv(table, **form) + "\n\n"
        assert _choose(page, text, f"{n}.csv") == f"{n}.csv was read: it has 3,000 customers."
        i = shop.absent[n]
        assert f"c{i} is in segment {shop.labels[i] + 1}, " in _find(page, f"c{i}")


def test_a_wrong_file_is_said_in_a_sentence(shop: Shop, page: Page, tmp_path: Path) -> None:
    text = shop.text()
    heading, first, _ = text.split("\n", 2)
    wrong: list[tuple[str | bytes, str]] = [
        ("", "is empty: choose another one."),
        (" \n\n", "is empty: choose another one."),
        (heading, "has no customers: choose another one."),
        (f"{heading}\n", "has no customers: choose another one."),
        (
            "a,b\n1,2\n",
            "lacks the column customer, segment_id, second_segment_id, income, orders, colour, member: save the whole "
            "table as CSV, with a row of headings.",
        ),
        (
            text.replace("customer,", "id,", 1),
            "lacks the column customer: save the whole table as CSV, with a row of headings.",
        ),
        (b"PK\x03\x04\xff\xfe\x00", "isn't text in UTF-8: save it as CSV in UTF-8."),
        (text.encode("utf-16"), "isn't text in UTF-8: save it as CSV in UTF-8."),
        (f'{heading}\n"{first}', "ends inside quotation marks: save it again."),
        (f'{heading}\n"c1"x{first}', "has text behind quotation marks, after c1: save it again as CSV."),
        (
            f"{heading}\n{first}\n{first},1\n",
            f"has {len(shop.table[0]) + 1} values in row 3 and {len(shop.table[0])} headings: save it again as CSV.",
        ),
        (f"{heading}\n{first}\n{first}\n", "has c0 twice: save one row for each of the customers."),
        ("," * 6000, "has more than 5,000 columns."),
    ]
    for content, problem in wrong:
        assert _choose(page, content) == f"people.csv {problem}"
        assert "isn't in the sample of this page" in _find(page, f"c{shop.absent[0]}")
    with (tmp_path / "huge.csv").open("wb") as huge:
        huge.truncate(50_000_001)
    page.locator("#file").set_input_files(huge.name)
    too_large = "huge.csv has more than 50 MB: save fewer columns, or the customers whom you look for."
    page.locator(f"#about-chosen:has-text('{too_large}')").wait_for()
    hostile = "<img src=x onerror='window.hacked = 1'>.csv"
    assert _choose(page, "x", hostile).startswith(f"{hostile} lacks the column customer")
    assert page.locator("#about-chosen img").count() == 0


PROBLEMS: list[tuple[dict[str, str], str]] = [
    ({"income": "1,5"}, "income is 1,5, which is no number"),
    ({"income": "=1+1"}, "income is =1+1, which is no number"),
    ({"income": "0x1F" * 100}, f"income is {('0x1F' * 100)[:100]}…, which is no number"),
    ({"member": ""}, "member is missing or out of range in the file"),
    ({"orders": "-1"}, "orders is missing or out of range in the file"),
    ({"segment_id": ""}, "there is no segment in the file"),
    (
        {"segment_id": "", "status_reason": "<i>far</i>"},
        "there is no segment in the file: <i>far</i>",
    ),
    ({"segment_id": "constructor"}, "this page has no segment NaN, so the file is of another version"),
    ({"segment_id": "__proto__"}, "this page has no segment NaN, so the file is of another version"),
    ({"segment_id": "9"}, "this page has no segment 9, so the file is of another version"),
    ({"second_segment_id": ""}, "this page has no segment that is the second one, so the file is of another version"),
    (
        {"orders": "1e9"},
        "by the values in the file, the segment would be {other} and not {own}, so the file is of another version, "
        "or was changed",
    ),
]


def test_a_customer_who_cannot_be_explained_is_said_to_be_so(shop: Shop, page: Page) -> None:
    i, j = shop.absent[:2]
    point = shop.scaled[i].copy()
    orders = np.log1p([float(row[2]) for row in shop.table[1:]])
    point[1] = (np.log1p(1e9) - orders.mean()) / orders.std()
    other = int(((point - shop.centroids) ** 2).sum(axis=1).argmin())
    assert other != shop.labels[i]
    for changes, problem in PROBLEMS:
        assert "was read" in _choose(page, shop.text(**changes))
        said = problem.format(other=other + 1, own=shop.labels[i] + 1)
        assert _find(page, f"c{i}") == f"c{i} can't be explained: {said}."
        assert page.locator("#found i").count() == 0
        assert _find(page, f"c{j}").startswith(f"c{j} is in segment {shop.labels[j] + 1}, ")


def test_ids_are_nothing_but_texts(shop: Shop, page: Page) -> None:
    for hostile in ("<img src=x onerror='window.hacked = 1'>", "__proto__", "=cmd|' /C calc'!A0"):
        assert "was read" in _choose(page, shop.text(customer=hostile))
        assert f"{hostile} is in segment" in _find(page, hostile)
        assert page.locator("#found img").count() == 0
    assert page.evaluate("window.hacked === undefined")


def test_a_large_file_leaves_the_page_responsive(shop: Shop, page: Page) -> None:
    """200,000 rows, about 40 MB: the page can answer all the while, and a file chosen in between takes the place."""
    heading, *rows = shop.table
    some = [["note", *heading], *(["x" * 120, f"d{n}", *rows[n % N][1:]] for n in range(200_000))]
    file = shop.page.parent / "large.csv"
    file.write_text(_csv(some))
    assert 30e6 < file.stat().st_size < 50e6
    page.evaluate(
        "window.longest = 0; window.last = performance.now();"
        "setInterval(() => { const now = performance.now();"
        "window.longest = Math.max(window.longest, now - window.last); window.last = now; }, 5); 0"
    )
    page.locator("#file").set_input_files(file)
    page.locator("#about-chosen:has-text('large.csv was read: it has 200,000 customers.')").wait_for()
    # Decoding the text is one step.
    assert page.evaluate("window.longest") < 1500
    i = shop.absent[0]
    found = _find(page, f"d{i + 180_000}")
    assert found.startswith(f"d{i + 180_000} is in segment {shop.labels[i] + 1}, ")
    page.locator("#file").set_input_files(file)
    assert _choose(page, shop.text()) == "people.csv was read: it has 3,000 customers."
    page.wait_for_timeout(300)
    assert page.locator("#about-chosen").inner_text() == "people.csv was read: it has 3,000 customers."


def test_the_page_stays_small_and_sends_nothing(shop: Shop, page: Page) -> None:
    assert shop.page.stat().st_size < 1.5e6
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    _choose(page, shop.text())
    _find(page, f"c{shop.absent[0]}")
    assert requests == []
    assert "It is read in this browser and sent nowhere." in page.locator("#about-file").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(shop: Shop, opened: Opened, scheme: str) -> None:
    page = opened(shop.page, scheme=scheme, width=400)
    _choose(page, shop.text())
    _find(page, f"c{shop.absent[0]}")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 400
    found = Axe().run(page)["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize("disclosure", [Disclosure(ids=False), Disclosure(ids=False, rows=False, suppress_below=5)])
def test_where_ids_are_hidden_no_file_is_taken(
    shop: Shop, opened: Opened, tmp_path: Path, disclosure: Disclosure
) -> None:
    page = opened(write_report(shop.database, tmp_path / "page.html", pictures=False, disclosure=disclosure).page)
    assert page.locator("#file").count() == 0
    assert page.evaluate("facts.finder") is None


def test_a_page_with_everybody_takes_no_file(tmp_path: Path, opened: Opened) -> None:
    values, labels = groups(90, 2, 3)
    database = make_database(tmp_path / "few.duckdb", values, labels, ["a", "b"], NAMES)
    page = opened(write_report(database, tmp_path / "page.html", pictures=False).page)
    assert page.locator("#wanted").count() == 1
    assert page.locator("#file").count() == 0
    assert page.evaluate("facts.finder.file") is None


def test_rows_of_other_groups_and_versions_are_left_out(shop: Shop, page: Page) -> None:
    heading, *rows = shop.table
    table = [[*heading, "version", "group"], *([*row, "3", "FR" if i % 2 else "DE"] for i, row in enumerate(rows))]
    page.evaluate("Object.assign(facts.finder.file, { group: 'FR', version: 3 }); 0")
    assert _choose(page, shop.text()).startswith("people.csv lacks the column group: ")
    assert _choose(page, _csv(table)) == "people.csv was read: it has 1,500 customers."
    odd, even = (next(i for i in shop.absent if i % 2 == rest) for rest in (1, 0))
    assert f"c{odd} is in segment" in _find(page, f"c{odd}")
    assert f"c{even} is neither in the sample of this page nor in the file" in _find(page, f"c{even}")
    page.evaluate("facts.finder.file.group = 'IT'; 0")
    assert _choose(page, _csv(table)) == "people.csv has no customers of IT: choose another one."
    page.evaluate("Object.assign(facts.finder.file, { group: 'FR', version: 4 }); 0")
    _choose(page, _csv(table))
    assert _find(page, f"c{odd}") == f"c{odd} can't be explained: the file is of version 3, and this page of version 4."
