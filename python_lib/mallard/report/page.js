"use strict";

const facts = JSON.parse(document.getElementById("facts").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const customers = facts.named[facts.customers];
const numberOf = (row) => row.n ?? 1;
const inCharts = customers.reduce((sum, row) => sum + numberOf(row), 0);
const views = {};
/** Pixels below which a chart is narrow, and of a label of an axis or a legend there. */
const NARROW = 500;
const LABEL_ON_NARROW = 120;
const LEGEND_ON_NARROW = 240;
/** Pixels that a chart needs; in a narrower place it can be scrolled. */
const leastWidths = { "heat-map": LABEL_ON_NARROW + 36 * facts.features };
for (const name of Object.keys(facts.specs).filter((name) => name.startsWith("flows-"))) {
  leastWidths[name] = LABEL_ON_NARROW + 36 * facts.flows;
}
let picked = {};

/** Colours of axes, legends and text in the charts, for a light or a dark page. */
function colours() {
  const text = dark.matches ? "#ececec" : "#1b1b1b";
  const line = dark.matches ? "#4a4a4a" : "#dddddd";
  const words = { labelColor: text, titleColor: text, labelFontSize: 12, titleFontSize: 13 };
  return {
    background: null,
    axis: { ...words, gridColor: line, domainColor: line, tickColor: line },
    legend: { ...words, symbolBaseFillColor: text, symbolBaseStrokeColor: text },
    text: { color: text },
    view: { stroke: line },
  };
}

/** Write the tooltip of a mark of the scatter plot, with the labels of fields that stand for features. */
function formatTooltip(row, escaped) {
  const known = facts.tooltip.filter(([field]) => field in row).map(([field, label]) => [label, row[field]]);
  const shown = (value) => (typeof value === "number" ? value.toLocaleString("en", { maximumSignificantDigits: 6 }) : value);
  const lines = (known.length ? known : Object.entries(row)).map(
    ([label, value]) =>
      `<tr><td class="key">${escaped(label)}</td><td class="value"><bdi>${escaped(shown(value) ?? "")}</bdi></td></tr>`,
  );
  return `<table>${lines.join("")}</table>`;
}

/** Cut the labels of axes, so that they leave room for the marks on a narrow screen; legends are below a chart. */
function shortenLabels(part) {
  for (const [key, value] of Object.entries(part)) {
    if (key === "labelLimit") part[key] = Math.min(value, LABEL_ON_NARROW);
    else if (key === "legend" && value) value.labelLimit = LEGEND_ON_NARROW;
    else if (key !== "values" && value !== null && typeof value === "object") shortenLabels(value);
  }
}

/** Say in place of a chart why it isn't there. */
function sayFailure(name, error) {
  const said = document.createElement("p");
  said.className = "failure";
  said.textContent = `This chart can't be drawn: ${error.message}`;
  document.getElementById(name).replaceChildren(said);
}

/** Draw a chart as wide as its container, and add the data that several charts share. */
async function draw(name) {
  const place = document.getElementById(name);
  const spec = structuredClone(facts.specs[name]);
  spec.width = Math.max(place.clientWidth, leastWidths[name] ?? 0);
  if (place.clientWidth < NARROW) shortenLabels(spec);
  spec.autosize = { type: "fit-x", contains: "padding" };
  spec.datasets = facts.named;
  const result = await vegaEmbed(place, spec, {
    renderer: "svg",
    actions: false,
    config: colours(),
    // Interpreted, not compiled, because the page forbids to make a script of a text.
    ast: true,
    // The page has these styles itself, because it forbids others.
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true, ...(name === "scatter" ? { formatTooltip } : {}) },
  });
  views[name] = result.view;
  for (const part of place.querySelectorAll("[class*='brush_brush']")) part.setAttribute("aria-hidden", "true");
  if (name === "scatter") {
    result.view.addSignalListener("brush", (_, ranges) => pick(inRanges(ranges)));
  }
  showPicked(name);
}

const drawOrSay = (name) => draw(name).catch((error) => sayFailure(name, error));

/** Convert the ranges of a brush to the parameter of the charts: two fields and the bounds of each. */
function inRanges(ranges) {
  const encoding = facts.specs.scatter.layer[0].encoding;
  const found = { segment: picked.segment };
  for (const axis of ["x", "y"]) {
    const field = encoding[axis].field;
    if (ranges[field]) {
      found[axis] = field;
      [found[axis + "0"], found[axis + "1"]] = [...ranges[field]].sort((a, b) => a - b);
    }
  }
  return found;
}

function isWithin(value, low, high) {
  return value !== null && value >= low && value <= high;
}

function isPicked(customer) {
  return (
    (!picked.segment || customer.segment === picked.segment) &&
    ["x", "y"].every(
      (axis) => !picked[axis] || isWithin(customer[picked[axis]], picked[axis + "0"], picked[axis + "1"]),
    )
  );
}

function showPicked(name) {
  if (name in views && JSON.stringify(facts.specs[name]).includes('"picked"')) {
    views[name].signal("picked", picked).runAsync();
  }
}

/** Show the selected customers in all charts, the cards and the table. */
function pick(what) {
  picked = what;
  Object.keys(views).forEach(showPicked);
  const counts = {};
  let total = 0;
  for (const customer of customers) {
    const n = isPicked(customer) ? numberOf(customer) : 0;
    counts[customer.segment] = (counts[customer.segment] || 0) + n;
    total += n;
  }
  const isAll = total === inCharts;
  for (const place of document.querySelectorAll("[data-picked-of]")) {
    place.textContent = isAll ? "" : `${counts[place.dataset.pickedOf] || 0} selected in the charts`;
  }
  for (const row of document.querySelectorAll("#border tbody tr")) {
    row.hidden = !isPicked(JSON.parse(row.dataset.customer));
  }
  document.getElementById("picked").textContent = isAll
    ? `No selection: all ${facts.noun.many} are shown.`
    : `${total.toLocaleString("en")} of ${inCharts.toLocaleString("en")} ${facts.noun.many} in the charts are selected.`;
}

/** Show another feature on an axis of the scatter plot. */
function setAxis(axis, field) {
  for (const layer of facts.specs.scatter.layer) {
    layer.encoding[axis].field = field;
  }
  facts.specs.scatter.layer[0].encoding[axis] = facts.axes[field][axis];
  pick({ segment: picked.segment });
  return drawOrSay("scatter");
}

/** CSV by RFC 4180, without values that a spreadsheet would take for formulas. */
function csvOf(rows) {
  const quoted = (value) => {
    let text = value === null ? "" : String(value);
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };
  return rows.map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n";
}

function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff" + text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

for (const select of document.querySelectorAll("select[data-axis]")) {
  select.addEventListener("change", () => setAxis(select.dataset.axis, select.value));
}
document.getElementById("only")?.addEventListener("change", (event) => pick({ ...picked, segment: Number(event.target.value) || undefined }));
document.getElementById("clear").addEventListener("click", async () => {
  document.getElementById("only").value = "";
  pick({});
  await drawOrSay("scatter");
});
document.getElementById("csv")?.addEventListener("click", () => download(`${facts.noun.many.replaceAll(" ", "_")}_near_a_border.csv`, csvOf(facts.border)));

const drawn = () => Promise.all(Object.keys(facts.specs).map(drawOrSay));
dark.addEventListener("change", drawn);
drawn().then(() => document.body.setAttribute("data-drawn", ""));
