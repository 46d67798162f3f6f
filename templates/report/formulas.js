// The formulas with a button that copies LaTeX, and beside them the code that calculates them.

const FORMS = [["rule", "Chain rule"], ["simplified", "Simplified"], ["emitted", "As emitted"]];
const FORM_WORDS = {
  rule: "Each adjoint as the sum of what comes back along its edges: the chain rule and nothing else.",
  simplified: "Each gradient with the adjoints on its way put into it, as long as it stays short.",
  emitted: "As the module calculates it: simplified, and what is needed more than once has a name.",
};

class Formulas {
  constructor(data) {
    this.data = data;
    this.form = "emitted";
    this.notation = "indices";
    this.of = "";
  }

  mount() {
    const { formulas } = this.data;
    const parameters = formulas.simplified.map((line) => line.of).filter(Boolean);
    this.list = el("div", { class: "lines" });
    this.words = el("p", { class: "hint" });
    const select = el("select", { "aria-label": "Gradient by", change: () => { this.of = select.value; this.draw(); } },
      el("option", { value: "" }, "all parameters"), parameters.map((name) => el("option", { value: name }, name)));
    const bar = el("div", { class: "bar" },
      choice("Form", FORMS, this.form, (key) => { this.form = key; this.draw(); }).node,
      choice("Notation", [["indices", "Indices"], ["matrices", "Matrices"]], this.notation, (key) => { this.notation = key; this.draw(); }).node,
      el("label", { class: "by" }, "by ", select));
    const left = el("div", { class: "formulas" }, bar, this.words, this.list);
    this.draw();
    return el("div", { class: "beside" }, left, this.data.code ? this.mountCode() : null);
  }

  // The lines of this form that a parameter's gradient needs.
  lines() {
    const lines = this.data.formulas[this.form];
    if (!this.of) return lines;
    const byName = new Map(lines.map((line) => [line.name, line]));
    const needed = new Set(), waiting = lines.filter((line) => line.of === this.of);
    while (waiting.length) {
      const line = waiting.pop();
      if (needed.has(line)) continue;
      needed.add(line);
      waiting.push(...line.uses.map((name) => byName.get(name)).filter(Boolean));
    }
    return lines.filter((line) => needed.has(line));
  }

  draw() {
    const short = this.form === "simplified" && !this.data.formulas.expanded;
    this.words.textContent = short ? "Each gradient by the adjoints that it uses: there are too many parameters to put them into each other." : FORM_WORDS[this.form];
    const definitions = this.of ? [] : this.data.formulas.definitions;
    const part = (title, lines) => (lines.length ? [el("h3", null, title), el("ol", null, lines.map((line) => this.line(line)))] : []);
    this.list.replaceChildren(...part("Definitions", definitions), ...part("Gradients", this.lines()));
  }

  line(line) {
    const inMatrices = this.notation === "matrices" && line.matrix;
    const latex = inMatrices ? line.matrixLatex : line.latex;
    const button = el("button", { type: "button", class: "copy", "aria-label": `Copy the LaTeX for ${line.name}`, click: () => copy(latex, button) }, "LaTeX");
    const mark = (on) => () => this.mark(line.name, on, "code");
    return el("li", {
      class: line.of ? "formula gradient" : "formula", "data-name": line.name, tabindex: 0,
      mouseenter: mark(true), mouseleave: mark(false), focusin: mark(true), focusout: mark(false),
    }, el("div", { class: "tex" }, display(mathTree(inMatrices ? line.matrix : line.tree))),
      this.notation === "matrices" && !line.matrix && this.form !== "rule" ? el("span", { class: "hint" }, "has no matrix form") : null, button);
  }

  // --- the code ---

  mountCode() {
    const { code } = this.data;
    this.whole = false;
    this.listing = el("pre", { class: "code", tabindex: 0, "aria-label": "The emitted code" });
    const toggle = choice("How much code", [["step", "Training step"], ["module", "Whole module"]], "step", (key) => { this.whole = key === "module"; this.drawCode(); });
    const copyAll = el("button", { type: "button", class: "copy", click: () => copy(code.source, copyAll) }, "Copy");
    this.drawCode();
    return el("div", { class: "emitted" }, el("div", { class: "bar" }, toggle.node, copyAll), this.listing);
  }

  drawCode() {
    const { source, first, last, blocks } = this.data.code;
    const lines = source.split("\n");
    const nameOf = new Map();
    for (const [name, from, to] of blocks) for (let k = from; k <= to; k += 1) nameOf.set(k, name);
    const from = this.whole ? 0 : first, to = this.whole ? lines.length - 1 : last;
    const shown = [];
    for (let k = from; k <= to; k += 1) {
      const name = nameOf.get(k);
      const mark = (on) => () => this.mark(name, on, "formula");
      shown.push(el("span", { class: "line", "data-name": name, "data-line": k + 1, mouseenter: name && mark(true), mouseleave: name && mark(false) }, highlighted(lines[k]), "\n"));
    }
    this.listing.replaceChildren(...shown);
    const begin = this.whole ? null : this.listing.querySelector(`[data-line="${(blocks[0] || [0, first])[1] - 1}"]`);
    requestAnimationFrame(() => { this.listing.scrollTop = begin ? begin.offsetTop - this.listing.offsetTop - 30 : 0; });
  }

  // Mark what belongs to a tensor, in the formulas and in the code, and bring it into sight on the other side.
  mark(name, on, other) {
    const found = [...document.querySelectorAll(".formula, .line")].filter((node) => node.dataset.name === name);
    found.forEach((node) => node.classList.toggle("marked", on));
    const target = on && found.find((node) => node.classList.contains(other === "code" ? "line" : "formula"));
    const holder = target && target.closest(other === "code" ? ".code" : ".lines");
    if (!holder) return;
    const inner = target.getBoundingClientRect(), outer = holder.getBoundingClientRect();
    if (inner.top < outer.top || inner.bottom > outer.bottom) holder.scrollTop += inner.top - outer.top - outer.height / 3;
  }
}

const WORDS = /(#.*$)|("""|"[^"]*"|'[^']*')|\b(def|return|import|if|not|for|in|is|or|and|raise|try|except|class|None|True|False|lambda|else|while|as|from|del)\b|\b(\d[\d.e+-]*)\b/g;

function highlighted(line) {
  const parts = [];
  let end = 0;
  for (const match of line.matchAll(WORDS)) {
    if (match.index > end) parts.push(line.slice(end, match.index));
    const kind = match[1] ? "comment" : match[2] ? "text" : match[3] ? "word" : "digit";
    parts.push(el("span", { class: kind }, match[0]));
    end = match.index + match[0].length;
  }
  parts.push(line.slice(end));
  return parts;
}
