/** The customers whom the finder knows. */
const inFinder = facts.finder ? [...customers, ...facts.finder.more] : [];

/** Text from the data, kept apart from the direction of the text around it. */
function isolated(text) {
  const element = document.createElement("bdi");
  element.textContent = text;
  return element;
}

function element(name, ...content) {
  const made = document.createElement(name);
  made.append(...content);
  return made;
}

/** A table in a box that can be scrolled: headings, and rows of texts or elements, of which the first is the row's. */
function tableOf(label, headings, rows) {
  const head = element("tr", ...headings.map((heading) => Object.assign(element("th", heading), { scope: "col" })));
  const body = rows.map(([first, ...rest]) =>
    element("tr", Object.assign(element("th", first), { scope: "row" }), ...rest.map((text) => element("td", text))),
  );
  const box = element("div", element("table", element("thead", head), element("tbody", ...body)));
  box.className = "scroll";
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", label);
  return box;
}

/** A probability without decimals; it is never said to be 1. */
const probability = (whole) => (whole < 100 ? `${whole}%` : "over 99%");

/** An id as somebody can type it. */
const typed = (id) => id.replace(/\s+/g, " ").trim();

/** The places of the customers who are called so: exactly, or else but for capitals. */
function placesOf(id) {
  const called = (isIt) => inFinder.flatMap((row, place) => (isIt(typed(row.id)) && facts.finder.explained[place] ? [place] : []));
  const exact = called((known) => known === id);
  return exact.length ? exact : called((known) => known.toLowerCase() === id.toLowerCase());
}

/** The value of a customer, or what stands for it. */
function valueOf(row, [, key, isShare, isVector], share) {
  if (isVector || (!isShare && !key)) return "";
  const value = isShare ? share : row[key];
  if (value === null) return "filled in";
  if (isShare) return ["no", "yes"][value] ?? "";
  return value.toLocaleString("en", { maximumSignificantDigits: 6 });
}

/** The segment of a customer, how sure it is, and what speaks for it or against it. */
function explanationOf(row, [second, percentages, signed]) {
  const { features, centroids } = facts.finder;
  const name = (segment) => isolated(facts.names[segment]);
  const said = element("p", element("strong", isolated(row.id), ` is in segment ${row.segment}, `, name(row.segment), "."), " ");
  let others = 100;
  for (let i = 0; i < percentages.length; i += 2) {
    said.append(i ? "; " : "", `${probability(percentages[i + 1])} `, name(percentages[i]));
    others -= percentages[i + 1];
  }
  if (others > 0) said.append(`; ${others}% others`);
  const reasons = signed.map((reason) => (Array.isArray(reason) ? reason : [reason]));
  const best = reasons.find(([feature]) => feature > 0);
  said.append(".");
  if (best) said.append(" What speaks most for it: ", isolated(features[best[0] - 1][0]), ".");
  // With metric cosine, centroids are directions, which have no place in the units of features.
  const pair = [row.segment, second].filter((segment) => centroids[segment].some((text) => text));
  const rows = reasons.map(([feature, share]) => {
    const at = Math.abs(feature) - 1;
    const centres = pair.map((segment) => centroids[segment][at]);
    return [isolated(features[at][0]), valueOf(row, features[at], share), ...centres, name(feature > 0 ? row.segment : second)];
  });
  const headings = ["what", `this ${facts.noun.one}`, ...pair.map((segment) => `centre of segment ${segment}`), "speaks for"];
  return [said, tableOf("What speaks for the segment", headings, rows)];
}

function find() {
  const place = document.getElementById("found");
  const id = document.getElementById("wanted").value;
  if (!typed(id)) return place.replaceChildren();
  const found = placesOf(typed(id));
  if (found.length) return place.replaceChildren(...found.flatMap((one) => explanationOf(inFinder[one], facts.finder.explained[one])));
  const inFile = rowsOfFile(typed(id));
  if (inFile.length) return place.replaceChildren(...inFile.flatMap(explanationInFile));
  const elsewhere = chosen ? "is neither in the sample of this page nor in the file" : "isn't in the sample of this page";
  const note = facts.isSample ? ` ${elsewhere}; mallard.explain tells of anybody.` : ` isn't among the ${facts.noun.many} with a segment.`;
  return place.replaceChildren(element("p", isolated(id), note));
}

if (facts.finder) {
  const wanted = document.getElementById("wanted");
  const known = inFinder.map(({ id }) => Object.assign(document.createElement("option"), { value: typed(id) }));
  document.getElementById("known").append(...known);
  document.getElementById("find-one").addEventListener("click", find);
  wanted.addEventListener("change", find);
  document.getElementById("file")?.addEventListener("change", (event) => choose(event.target));
}
