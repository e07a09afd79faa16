"""Names and values that some layer takes for something else than text: SQL, Jinja, Vega, HTML, JSON, CSV, a terminal.

Whatever shows or stores names of columns, categories, segments or words goes through all of them.
"""

from __future__ import annotations

RAN = "window.hacked = 1"
"""What a browser would do if one of the names became a script."""

NAMES = {
    "newline": "two\nlines",
    "carriage return": "two\r\nlines",
    "tab": "a\tb",
    "line separator": "two\u2028lines",
    "paragraph separator": "two\u2029lines",
    "quotation marks": "a 'b' \"c\" `d`",
    "escaped quotation mark": 'a \\" + x + \\"',
    "backslash at the end": "a\\",
    "brackets": "a[0]['b'].c]",
    "dot": "a.b",
    "escapes": "\\u0041\\n\\x41${1 + 1}",
    "constructor": "constructor",
    "proto": "__proto__",
    "to string": "toString",
    "has own property": "hasOwnProperty",
    "value of": "valueOf",
    "end of a script": f"</script><script>{RAN}</script>",
    "comment in a script": "<!--<script>",
    "image": f"<img src=x onerror='{RAN}'>",
    "entity": "&lt;b&gt; &amp;",
    "right to left": "abc\u202edef",
    "letters from right to left": "עברית",
    "emoji": "👩\u200d🚀",
    "formula": "=1+1",
    "at sign": "@SUM(A1)",
    "comment in SQL": "a; drop table people; --",
    "comment in Jinja": "{# a #}",
    "expression in Jinja": "{{ 1 + 1 }}",
    "statement in Jinja": "{% raw %}",
    "markup of a terminal": "[bold red]a[/]",
    "escape sequence of a terminal": "\x1b[31mred",
    "control character": "a\x07b",
    "null": "null",
    "expression of Vega": "datum.f0",
    "word of SQL": "select",
    "percent": "100 % of {0} %s",
    "slash": "a/b",
    "long": "long " * 100,
}
"""Texts that a column, a category, a segment or a word may be called, by what is special about them.

DuckDB's names can't contain NUL. Its texts can: see `VALUES`.
"""

VALUES = NAMES | {"NUL": "a\x00b", "noncharacter": "a\uffffb", "blank": " ", "nothing": ""}
"""Texts that a cell may contain."""
