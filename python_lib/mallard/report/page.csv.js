/** Bytes that a file may have, columns in a row, characters among which a separator is looked for, and that are said. */
const MOST_BYTES = 50e6;
const MOST_COLUMNS = 5000;
const MOST_IN_HEADINGS = 1e5;
const MOST_SAID = 100;
/** Milliseconds after which reading lets the page do something else. */
const AT_ONCE = 20;

/** A text of the file, as it can be said. */
const said = (text) => (text.length > MOST_SAID ? `${text.slice(0, MOST_SAID)}…` : text);

/** The text of a file; BOM and encoding are none of it. */
async function textOf(file) {
  if (file.size > MOST_BYTES) throw new Error("has more than 50 MB: save fewer columns, or the customers whom you look for");
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("isn't text in UTF-8: save it as CSV in UTF-8");
  }
}

/** What separates cells: the first of a comma, a semicolon and a tab in the headings that isn't inside quotation marks. */
const separatorOf = (text) => /[,;\t]/.exec(text.slice(0, MOST_IN_HEADINGS).replaceAll(/"[^"]*"/g, ""))?.[0] ?? ",";

/** The cells of a row of CSV by RFC 4180, and where the next row begins. A cell with nothing in it, not even quotes, is null. */
function rowAt(text, start, separator) {
  const cells = [];
  let at = start;
  for (;;) {
    let cell = null;
    if (text[at] === '"') {
      cell = "";
      for (;;) {
        const end = text.indexOf('"', at + 1);
        if (end < 0) throw new Error("ends inside quotation marks: save it again");
        cell += text.slice(at + 1, end);
        at = end + 1;
        if (text[at] !== '"') break;
        cell += '"';
      }
    } else {
      const from = at;
      while (at < text.length && text[at] !== separator && text[at] !== "\n" && text[at] !== "\r") at += 1;
      if (at > from) cell = text.slice(from, at);
    }
    if (cells.push(cell) > MOST_COLUMNS) throw new Error(`has more than ${MOST_COLUMNS.toLocaleString("en")} columns`);
    if (text[at] === separator) at += 1;
    else if (at >= text.length || text[at] === "\n") return [cells, at + 1];
    else if (text[at] === "\r") return [cells, at + (text[at + 1] === "\n" ? 2 : 1)];
    else throw new Error(`has text behind quotation marks, after ${said(cell)}: save it again as CSV`);
  }
}

/** Call for each row behind the first line, which has the headings, and let the page live meanwhile. */
async function eachRow(text, separator, call) {
  let [headings, at] = rowAt(text, 0, separator);
  let pause = performance.now() + AT_ONCE;
  for (let n = 2; at < text.length; n += 1) {
    const [cells, next] = rowAt(text, at, separator);
    const isBlank = cells.length === 1 && cells[0] === null;
    if (!isBlank && cells.length !== headings.length) {
      throw new Error(`has ${cells.length.toLocaleString("en")} values in row ${n.toLocaleString("en")} and ${headings.length.toLocaleString("en")} headings: save it again as CSV`);
    }
    if (!isBlank) call(cells, at);
    at = next;
    if (performance.now() > pause) {
      await new Promise((done) => setTimeout(done));
      pause = performance.now() + AT_ONCE;
    }
  }
}
