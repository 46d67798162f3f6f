// The check: a table, and the error of plain differences over their step.

function checkPanel(data) {
  const { check, plots } = data;
  const parts = [];
  if (check) {
    parts.push(el("p", { class: `verdict ${check.ok ? "good" : "bad"}` }, check.verdict));
    parts.push(checkTable(check));
  } else parts.push(el("p", { class: "hint" }, data.unchecked));
  if (plots && plots.length) parts.push(stepPlot(plots, data));
  return section("check", "The check", "Every gradient is compared with differences of the loss itself.", parts);
}

function checkTable({ rows }) {
  const heads = ["Function", "Tensor", "Shape", "Entries checked", "Greatest error", "Worst entry"];
  const remarks = rows.some((r) => remark(r));
  const cells = (r) => [
    el("td", { class: "word" }, r.function), el("th", { scope: "row" }, r.name), el("td", { class: "word" }, r.shape.length ? r.shape.join("×") : "number"),
    el("td", null, `${whole(r.checked)} of ${whole(r.size)}${r.directions ? ` + ${r.directions} directions` : ""}`),
    el("td", null, error(r.error)), el("td", null, r.worst && r.worst.length ? `[${r.worst.join(", ")}]` : ""),
    remarks ? el("td", { class: "word" }, remark(r)) : null,
  ];
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Errors per tensor" }, el("table", { class: "numbers errors" },
    el("thead", null, el("tr", null, [...heads, ...(remarks ? ["Remarks"] : [])].map((text, k) => el("th", { scope: "col", class: k < 3 || k > 5 ? "word" : null }, text)))),
    el("tbody", null, rows.map((r) => el("tr", { class: r.wrong ? "bad" : null }, cells(r))))));
}

function remark(r) {
  return [r.wrong ? `wrong: is ${number(r.claimed)}, should be ${number(r.measured)}` : "", r.kinks ? `${r.kinks} at a kink` : "", r.open ? `${r.open} not resolved` : "", r.note].filter(Boolean).join("; ");
}

// --- the plot ---

const PLOT = { width: 620, height: 350, left: 62, right: 18, top: 20, bottom: 48 };
const SMALLEST = 1e-16; // an error of 0 is drawn here

function stepPlot(plots, data) {
  const holder = el("div", { class: "plot" });
  const words = el("div", { class: "plot-words" });
  // The clearest V to begin with: errors that rise on both sides.
  const arm = (errors, end) => Math.log10((errors.at(end) || SMALLEST) / Math.min(...errors.map((e) => e || SMALLEST)));
  const clarity = ({ oneSided, central }) => Math.min(arm(oneSided, 1), arm(oneSided, -1)) + 0.1 * Math.min(arm(central, 1), arm(central, -1));
  const best = plots.reduce((a, b) => (clarity(b) > clarity(a) ? b : a));
  const select = el("select", { "aria-label": "Parameter of the plot", change: () => show(plots[select.value]) },
    plots.map((plot, k) => el("option", { value: k, selected: plot === best }, `${plot.name}${plot.entry.length ? `[${plot.entry.join(", ")}]` : ""}`)));
  function show(plot) {
    holder.replaceChildren(plotPicture(plot, data.steps));
    words.replaceChildren(...plotWords(plot, data));
  }
  show(best);
  return el("figure", null, el("figcaption", null, el("h3", null, "Why numerical gradients are only approximate"),
    el("label", { class: "by" }, "Error of a difference quotient by ", select)), el("div", { class: "plot-row" }, holder, words));
}

function least(errors, steps) {
  let best = -1;
  errors.forEach((e, k) => { if (e !== null && (best < 0 || e < errors[best])) best = k; });
  return best < 0 ? null : { step: steps[best], error: errors[best] };
}

function plotPicture(plot, steps) {
  const { width, height, left, right, top, bottom } = PLOT;
  const known = [...plot.oneSided, ...plot.central].filter((e) => e !== null).map((e) => Math.log10(Math.max(e, SMALLEST)));
  const low = Math.min(-16, ...known), high = Math.max(0, Math.ceil(Math.max(...known)));
  const exponents = steps.map(Math.log10);
  const start = Math.floor(Math.min(...exponents)), end = Math.ceil(Math.max(...exponents));
  const x = (e) => left + ((e - start) / (end - start)) * (width - left - right);
  const y = (e) => height - bottom - ((e - low) / (high - low)) * (height - top - bottom);
  const ticks = (from, to, by) => Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, k) => from + k * by);
  const power = (e, attributes) => svg("text", { class: "tick", ...attributes }, "10", svg("tspan", { dy: -5, class: "above" }, String(e).replace("-", "−")));
  const grid = [
    ...ticks(Math.ceil(low / 4) * 4, high, 4).flatMap((e) => [svg("line", { class: "grid", x1: left, x2: width - right, y1: y(e), y2: y(e) }), power(e, { x: left - 10, y: y(e) + 4, "text-anchor": "end" })]),
    ...ticks(start, end, 2).map((e) => power(e, { x: x(e), y: height - bottom + 20, "text-anchor": "middle" })),
  ];
  const curve = (errors, kind) => {
    const points = errors.flatMap((e, k) => (e === null ? [] : [[x(exponents[k]), y(Math.log10(Math.max(e, SMALLEST)))]]));
    return [svg("polyline", { class: `curve ${kind}`, points: points.map((p) => p.map((v) => v.toFixed(1)).join(",")).join(" ") }),
      points.map(([a, b]) => svg("circle", { class: `dot ${kind}`, cx: a.toFixed(1), cy: b.toFixed(1), r: 2.4 }))];
  };
  const axis = [svg("text", { class: "axis", x: (left + width - right) / 2, y: height - 8, "text-anchor": "middle" }, "step h"),
    svg("text", { class: "axis upright", x: 14, y: (top + height - bottom) / 2, transform: `rotate(-90 14 ${(top + height - bottom) / 2})`, "text-anchor": "middle" }, "relative error")];
  const central = least(plot.central, steps);
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Relative error over the step. Central differences are best at h = ${central ? error(central.step) : "none"}, with an error of ${central ? error(central.error) : "none"}.` },
    grid, axis, curve(plot.oneSided, "one-sided"), curve(plot.central, "central"));
}

function plotWords(plot, data) {
  const one = least(plot.oneSided, data.steps), two = least(plot.central, data.steps);
  const item = (kind, name, formula, best) => el("li", null, el("span", { class: `key ${kind}` }), el("b", null, name), " ", formula,
    best ? el("span", { class: "best" }, `at best ${error(best.error)}, at h = ${error(best.step)}`) : null);
  const evaluations = data.evaluations;
  return [el("ul", { class: "legend" }, item("one-sided", "one-sided", "(f(x + h) − f(x))/h", one), item("central", "central", "(f(x + h) − f(x − h))/2h", two)),
    el("p", null, "From the right, a smaller step makes the quotient truer: the truncation error falls with h, or with h². From the left, the difference of two nearly equal losses loses its digits: the rounding error grows with 1/h. Neither end is exact; a flat or missing arm means that the loss has no such term."),
    el("p", { class: "count" }, "Central differences of all ", el("b", null, whole(evaluations / 2)), evaluations === 2 ? " parameter take " : " parameters take ", el("b", null, whole(evaluations)), " evaluations of the loss. Reverse mode takes ", el("b", null, "one"), " backward pass.")];
}
