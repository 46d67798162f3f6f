// Cost, spec, and the table that takes the place of a graph that is too large.

function costPanel({ cost, paths }) {
  const { rows, totals, sizes } = cost;
  const at = Object.entries(sizes).map(([name, size]) => `${name} = ${size}`).join(", ");
  const most = Math.max(1, ...rows.flatMap((r) => [r.forward[1], r.backward[1]]));
  const costCell = ([formula, value], kind) => el("td", { class: kind },
    formula === "0" ? el("span", { class: "none" }, "–") : [el("span", { class: "figure" }, whole(value)), isPlain(formula) ? null : el("span", { class: "formula-text" }, formula)],
    kind && value ? el("span", { class: "track", "aria-hidden": "true" }, meter(value / most, kind)) : null);
  const line = (r) => el("tr", null, el("th", { scope: "row" }, r.name), el("td", { class: "word" }, r.kind), el("td", { class: "word" }, r.shape || "number"),
    costCell(r.parameters), costCell(r.forward, "forward"), costCell(r.backward, "backward"));
  const total = el("tr", { class: "total" }, el("th", { scope: "row" }, "Together"), el("td", { class: "word" }), el("td", { class: "word" }), costCell(totals.parameters), costCell(totals.forward), costCell(totals.backward));
  const table = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Costs per layer" }, el("table", { class: "numbers costs" },
    el("thead", null, el("tr", null, ["Layer or tensor", "Kind", "Shape", "Parameters", "Forward", "Backward"].map((text, k) => el("th", { scope: "col", class: k < 3 ? "word" : null }, text)))),
    el("tbody", null, rows.map(line), total)));
  const ratio = totals.forward[1] ? (totals.backward[1] / totals.forward[1]).toPrecision(2) : null;
  const facts = [
    [`${ratio ?? "–"}×`, "the backward pass, measured in forward passes"],
    [`${whole(totals.saved_bytes[1])} B`, `kept from the forward pass for the way back${isPlain(totals.saved_bytes[0]) ? "" : `: ${totals.saved_bytes[0]}`}${cost.saved.length ? `, for ${listed(cost.saved)}` : ""}`],
  ];
  if (paths) facts.push([paths.total, `${paths.total === "1" ? "path leads" : "paths lead"} to ${paths.objective}, over ${whole(paths.edges)} edges. The chain rule adds up over paths; reverse mode visits each edge once`]);
  return section("cost", "The cost", `Operations on numbers${at ? `, at ${at}` : ""}: each of + * / and each function counts one.`, table,
    el("dl", { class: "facts" }, facts.map(([value, words]) => el("div", null, el("dt", null, value), el("dd", null, `${words}.`)))));
}

const isPlain = (formula) => /^[\d,]+$/.test(formula);
const listed = (names) => (names.length > 8 ? `${names.slice(0, 7).join(", ")} and ${names.length - 7} more` : names.join(", "));

function meter(part, kind) {
  const bar = el("span", { class: `meter ${kind}` });
  bar.style.width = `${Math.max(1.5, 100 * part).toFixed(1)}%`;
  return bar;
}

function specPanel({ spec, versions, digest }) {
  const lines = spec.replace(/\n+$/, "").split("\n").map((text) => {
    const comment = text.indexOf("#");
    return comment < 0 ? [text, "\n"] : [text.slice(0, comment), el("span", { class: "comment" }, text.slice(comment)), "\n"];
  });
  return section("spec", "The spec", null, el("pre", { class: "code spec", tabindex: 0, "aria-label": "The spec" }, lines),
    el("dl", { class: "versions" }, Object.entries(versions).map(([name, version]) => el("div", null, el("dt", null, name), el("dd", null, version))),
      el("div", null, el("dt", null, "SHA-256 of the spec"), el("dd", { class: "digest" }, digest))));
}

// The statements of a network that is too large to be drawn, a page of them at a time.
function tablePanel({ table }) {
  const body = el("tbody");
  const more = el("button", { type: "button", click: () => grow() });
  let shown = 0;
  function grow(count = 200) {
    for (const row of table.rows.slice(shown, shown + count)) {
      body.append(el("tr", null, el("td", { class: "word" }, row.part), el("td", { class: "statement" }, row.text), el("td", null, brief(row.value)), el("td", null, whole(row.flops))));
    }
    shown = Math.min(table.rows.length, shown + count);
    more.textContent = `Show more (${whole(table.rows.length - shown)} left)`;
    more.hidden = shown === table.rows.length;
  }
  grow();
  addEventListener("beforeprint", () => grow(table.rows.length));
  return section("graph", "The statements", `${table.words}`, el("div", { class: "scroll tall", tabindex: 0, role: "region", "aria-label": "Statements" },
    el("table", { class: "numbers" }, el("thead", null, el("tr", null, ["Pass", "Statement", "Value", "Operations"].map((text, k) => el("th", { scope: "col", class: k < 2 ? "word" : null }, text)))), body)), more);
}
