/** The file that the reader chose: its text, how to read a row, and where that of each customer begins. */
let chosen = null;
/** How many files the reader has chosen; a later one stops the reading of those before. */
let nChosen = 0;

/** What the SQL of scales does; NaN is a missing value. */
const OPERATIONS = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  ln: (a) => (a > 0 ? Math.log(a) : NaN),
  asinh: Math.asinh,
  inRange: (a, above = -Infinity) => (Math.abs(a) <= facts.finder.file.largest && a > above ? a : NaN),
  filled: (a, filler) => (Number.isNaN(a) ? filler : a),
};

/** Steps applied to a value: null stands for the value, and a list is an operation and what it is applied to. */
function scaled(steps, value) {
  if (!Array.isArray(steps)) return steps ?? value;
  const [operation, ...operands] = steps;
  return OPERATIONS[operation](...operands.map((of) => scaled(of, value)));
}

/** The columns of a file that are read. Case doesn't matter, as in SQL. */
function columnsOf(headings) {
  const { id, group, features } = facts.finder.file;
  const needed = [id, "segment_id", "second_segment_id", ...(group === null ? [] : ["group"]), ...features.map(([column]) => column)];
  const names = headings.map((heading) => (heading ?? "").trim().toLowerCase());
  const place = (column) => names.indexOf(column.toLowerCase());
  return { place, missing: [...new Set(needed)].filter((column) => place(column) < 0) };
}

/** Read a file into what finds its customers; an error says in words what is wrong with it. */
async function fileOf(file, isWanted) {
  const text = await textOf(file);
  if (!text.trim()) throw new Error("is empty: choose another one");
  const separator = separatorOf(text);
  const { place, missing } = columnsOf(rowAt(text, 0, separator)[0]);
  if (missing.length) throw new Error(`lacks the column ${missing.map(said).join(", ")}: save the whole table as CSV, with a row of headings`);
  const { id, group } = facts.finder.file;
  const [ofId, ofGroup] = [place(id), place("group")];
  const starts = new Map();
  await eachRow(text, separator, (cells, at) => {
    if (!isWanted()) throw new Error("was replaced by another one");
    if (cells[ofId] === null || (group !== null && cells[ofGroup] !== group)) return;
    const known = typed(cells[ofId]);
    if (starts.has(known)) throw new Error(`has ${said(known)} twice: save one row for each of the ${facts.noun.many}`);
    starts.set(known, at);
  });
  if (!starts.size) throw new Error(`has no ${facts.noun.many}${group === null ? "" : ` of ${group}`}: choose another one`);
  return { text, separator, place, starts };
}

/** The rows of the chosen file who are called so: exactly, or else but for capitals. */
function rowsOfFile(wanted) {
  if (!chosen) return [];
  const { text, separator, place, starts } = chosen;
  const ids = starts.has(wanted) ? [wanted] : [...starts.keys()].filter((id) => id.toLowerCase() === wanted.toLowerCase());
  return ids.map((id) => {
    const [cells] = rowAt(text, starts.get(id), separator);
    return (column) => (place(column) < 0 ? null : cells[place(column)]);
  });
}

/** The value of a feature in a row of the file, as a number; NaN if it is missing. */
function valueInFile(cell, column, text) {
  if (cell === null) return NaN;
  if (text !== null) return Number(cell === text);
  if (/^[+-]?(inf|infinity|nan)$/i.test(cell)) return NaN;
  const number = { true: 1, false: 0 }[cell.toLowerCase()] ?? (cell.trim() ? Number(cell) : NaN);
  if (Number.isNaN(number)) throw new Error(`${column} is ${said(cell) || "an empty text"}, which is no number`);
  return number;
}

/** A whole number of the file as this page writes it; what saves a table can write 2 as 2.0. */
const whole = (cell) => (cell?.trim() ? String(Number(cell)) : null);

/** The segments of a row, if the file is of the version that this page shows. */
function segmentsOf(cell) {
  const { centroids, version } = facts.finder.file;
  if (version !== null && whole(cell("version")) !== null && whole(cell("version")) !== String(version)) {
    throw new Error(`the file is of version ${said(cell("version"))}, and this page of version ${version}`);
  }
  const segments = ["segment_id", "second_segment_id"].map((column) => whole(cell(column)));
  if (segments[0] === null) {
    throw new Error(`there is no segment in the file${cell("status_reason") ? `: ${said(cell("status_reason"))}` : ""}`);
  }
  const unknown = segments.find((segment) => segment === null || !Object.hasOwn(centroids, segment));
  if (unknown !== undefined) throw new Error(`this page has no segment ${said(unknown ?? "that is the second one")}, so the file is of another version`);
  return segments.map(Number);
}

const squared = (point, centroid) => point.reduce((sum, x, i) => sum + (x - centroid[i]) ** 2, 0);

/** A customer of the file, and the explanation in the form that the page has those of its own customers. */
function explainedRow(cell) {
  const { id, features, centroids, variance, isSpherical, likeliest, leastProbable, strongest, weakest } = facts.finder.file;
  const [segment, second] = segmentsOf(cell);
  const values = features.map(([column, text, steps]) => {
    const value = valueInFile(cell(column), column, text);
    // Many tools save an empty text like a missing one. Who has a segment lacks none, unless another one stands for it.
    return text !== null && Number.isNaN(scaled(steps, value)) ? 0 : value;
  });
  let point = features.map(([, , steps], i) => scaled(steps, values[i]));
  const lacking = features.find((_, i) => Number.isNaN(point[i]));
  if (lacking) throw new Error(`${lacking[0]} is missing or out of range in the file`);
  if (isSpherical) point = point.map((x) => x / Math.hypot(...point));

  const distances = new Map(Object.keys(centroids).map((one) => [Number(one), squared(point, centroids[one])]));
  const nearest = [...distances.keys()].sort((a, b) => distances.get(a) - distances.get(b));
  if (!(distances.get(segment) <= distances.get(nearest[0]) * (1 + 1e-9) + 1e-12)) {
    throw new Error(`by the values in the file, the segment would be ${nearest[0]} and not ${segment}, so the file is of another version, or was changed`);
  }
  const likelihood = (one) => {
    const further = distances.get(one) - distances.get(nearest[0]);
    return variance ? Math.exp(-further / (2 * variance)) : Number(further === 0);
  };
  const all = nearest.reduce((sum, one) => sum + likelihood(one), 0);
  const probable = nearest.slice(0, likeliest).filter((one) => likelihood(one) / all >= leastProbable);

  const own = centroids[segment];
  const other = centroids[second];
  const terms = point.map((x, i) => ((x - other[i]) ** 2 - (x - own[i]) ** 2) / (isSpherical ? 2 : 1));
  const most = Math.max(...terms.map(Math.abs));
  const reasons = [...terms.keys()]
    .sort((a, b) => Math.abs(terms[b]) - Math.abs(terms[a]))
    .slice(0, strongest)
    .filter((i) => terms[i] && Math.abs(terms[i]) >= weakest * most);
  const known = values.map((value) => (Number.isNaN(value) ? null : value));
  const row = { id: cell(id), segment };
  facts.finder.features.forEach(([, key], i) => key && (row[key] = known[i]));
  return [
    row,
    [
      second,
      probable.flatMap((one) => [one, Math.round((100 * likelihood(one)) / all)]),
      reasons.map((i) => [(i + 1) * Math.sign(terms[i]), known[i]]),
    ],
  ];
}

/** What the page says of a customer of the file, or why it can't. */
function explanationInFile(cell) {
  try {
    return explanationOf(...explainedRow(cell));
  } catch (error) {
    return [element("p", isolated(said(cell(facts.finder.file.id))), " can't be explained: ", isolated(error.message), ".")];
  }
}

/** Read the file that the reader chose, and say what it has. */
async function choose(input) {
  const [file] = input.files;
  const mine = (nChosen += 1);
  const place = document.getElementById("about-chosen");
  const isWanted = () => mine === nChosen;
  chosen = null;
  if (!file) return place.replaceChildren();
  place.replaceChildren(isolated(said(file.name)), " is being read.");
  try {
    const read = await fileOf(file, isWanted);
    if (!isWanted()) return undefined;
    chosen = read;
    place.replaceChildren(isolated(said(file.name)), ` was read: it has ${read.starts.size.toLocaleString("en")} ${read.starts.size === 1 ? facts.noun.one : facts.noun.many}.`);
  } catch (error) {
    if (isWanted()) place.replaceChildren(isolated(said(file.name)), " ", isolated(error.message), ".");
  }
  return find();
}
