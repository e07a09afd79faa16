/** From which sizes on an effect is small, medium and large (Cohen, 1988): Cohen's d, and V of two groups. */
const EFFECTS = { d: [0.2, 0.5, 0.8], V: [0.1, 0.3, 0.5] };

function effectInWords(measure, effect) {
  const size = EFFECTS[measure].filter((least) => Math.abs(effect) >= least).length;
  return `${["hardly any", "small", "medium", "large"][size]} (${measure} = ${effect.toFixed(2).replace("-", "\u2212")})`;
}

/** Show how the segments differ that the reader chose. */
function compare() {
  const [first, second] = ["first", "second"].map((id) => Number(document.getElementById(id).value));
  const place = document.getElementById("differences");
  if (first === second) return place.replaceChildren(element("p", "Choose two segments."));
  const turn = first < second ? 1 : -1;
  const pair = facts.differences.pairs[[first, second].sort((a, b) => a - b).join("-")];
  if (!pair.length) return place.replaceChildren(element("p", "There is nothing to tell these two apart by."));
  const rows = pair.map(([column, effect, value, ...shares]) => {
    const [label, isText, typical] = facts.differences.columns[column];
    const ofBoth = turn > 0 ? shares : shares.reverse();
    const cells = isText
      ? ofBoth.map((share) => element("span", isolated(value), `: ${share}`))
      : [first, second].map((segment) => typical[segment] ?? "");
    if (!cells.length) cells.push("", "");
    return [isolated(label), ...cells, isText ? effectInWords("V", effect) : effectInWords("d", turn * effect)];
  });
  const names = [first, second].map((segment) => element("span", `${segment} `, isolated(facts.names[segment])));
  return place.replaceChildren(tableOf("Differences between two segments", ["what", ...names, "difference"], rows));
}

if (facts.differences) {
  for (const id of ["first", "second"]) document.getElementById(id).addEventListener("change", compare);
  compare();
}
