// The walk forward and backward, one step at a time: where it stands, what is known there, and what is said of it.

function prepare(walk, groups) {
  walk.groups = groups;
  walk.shapes = walk.nodes.map((node) => node.shape);
  const at = new Map();
  walk.links.forEach(([from, to], k) => { if (!at.has(`${from} ${to}`)) at.set(`${from} ${to}`, k); });
  walk.linkOf = walk.edges.map((edge, k) => (walk.scalars ? k : at.get(`${edge.from} ${edge.to}`)));
  walk.edgeOf = {};
  walk.linkOf.forEach((link, edge) => { walk.edgeOf[link] ??= edge; });
  walk.steps = stepsOf(walk);
  walk.valueAt = walk.nodes.map(() => 0);
  walk.adjointAt = walk.nodes.map(() => Infinity);
  walk.steps.forEach((step, k) => {
    if (step.kind === "forward") walk.valueAt[step.node] = k;
    if (step.completes) walk.adjointAt[step.node] = k;
  });
  return walk;
}

function stepsOf(walk) {
  const steps = [{ kind: "given" }];
  walk.nodes.forEach((node, k) => { if (node.formula) steps.push({ kind: "forward", node: k }); });
  for (const { node, parts } of walk.back) {
    if (!parts.length) steps.push({ kind: "seed", node, completes: true });
    parts.forEach((part, k) => steps.push({ kind: "edge", node, part, parts, first: k === 0, completes: parts.length === 1 }));
    if (parts.length > 1) steps.push({ kind: "sum", node, parts, completes: true });
  }
  return steps;
}

class Player {
  constructor(data) {
    this.walks = Object.fromEntries(data.walks.map((walk) => [walk.name, prepare(walk, data.groups)]));
    this.walk = data.walks[data.walks.length - 1];
    if (this.walk.nodes.length > 80) this.walk = data.walks[0];
    this.step = this.walk.steps.length - 1;
    this.timer = null;
  }

  mount() {
    this.stage = el("div", { class: "stage", tabindex: 0, role: "region", "aria-label": "Graph, scrolls" });
    this.explanation = el("div", { class: "explanation" });
    this.position = el("output", { class: "position", for: "steps" });
    const button = (name, title, text, act) => el("button", { type: "button", "data-act": name, "aria-label": title, title, click: act }, text);
    this.playing = button("play", "Play", "▶ Play", () => this.play());
    this.slider = el("input", { type: "range", id: "steps", min: 0, step: 1, "aria-label": "Step", input: () => this.go(Number(this.slider.value)) });
    this.inputs = el("div", { class: "inputs" });
    this.views = el("div", { class: "views" });
    const controls = el("div", { class: "controls", role: "toolbar", "aria-label": "Steps" },
      button("first", "To the beginning", "⏮", () => this.go(0)), button("back", "One step back", "◀", () => this.go(this.step - 1)),
      this.playing, button("next", "One step on", "▶", () => this.go(this.step + 1)),
      button("last", "To the end", "⏭", () => this.go(Infinity)), this.slider, this.position);
    this.show(this.walk.name);
    document.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("resize", () => this.picture.fit());
    return [this.views, this.stage, controls, el("div", { class: "told" }, this.explanation, this.inputs)];
  }

  // --- views ---

  // The tensors with all layers closed or open, or the single operations.
  show(name) {
    const before = this.walk;
    this.walk = this.walks[name];
    if (before !== this.walk) this.step = Math.round((this.step / (before.steps.length - 1)) * (this.walk.steps.length - 1));
    this.picture = new Picture(this.walk, this.stage, (k) => this.go(this.stepOf(k)), (group) => this.open(group));
    this.slider.max = this.walk.steps.length - 1;
    this.drawViews();
    this.drawInputs();
    this.go(this.step);
  }

  open(group) {
    this.picture.toggle(group);
    this.drawViews();
    this.update();
    const handle = [...this.stage.querySelectorAll("[data-group]")].find((node) => node.dataset.group === group);
    if (handle) handle.focus({ preventScroll: true });
  }

  drawViews() {
    const options = [];
    const tensors = this.walks.tensors;
    const most = tensors && tensors.pictures.reduce((a, b) => (b.open.length > a.open.length ? b : a));
    const all = most && most.open.length === Object.keys(this.picture.inside).length;
    if (tensors && tensors.pictures.length > 1) options.push(["layers", "Layers"]);
    if (tensors) options.push(["equations", "Equations"]);
    if (this.walks.operations) options.push(["operations", "Operations"]);
    const open = this.picture.shown.open.length;
    const now = this.walk.name === "operations" ? "operations" : tensors.pictures.length === 1 || open === most.open.length ? "equations" : open ? "" : "layers";
    if (tensors && this.walk === tensors && tensors.pictures.length > 1 && !all) options.splice(1, 1);
    const pick = (key) => {
      this.show(key === "operations" ? "operations" : "tensors");
      this.picture.open(key === "equations" ? most.open : []);
      this.drawViews();
      this.update();
    };
    const hint = Object.keys(this.picture.inside).length ? "A layer opens and closes when you press it." : "";
    this.views.replaceChildren(...(options.length > 1 ? [choice("What a box is", options, now, pick).node] : []), el("span", { class: "hint" }, hint));
  }

  // --- steps ---

  stepOf(node) {
    return this.walk.valueAt[node];
  }

  go(step) {
    this.step = Math.max(0, Math.min(this.walk.steps.length - 1, step));
    this.slider.value = this.step;
    const now = this.walk.steps[this.step];
    const phase = now.kind === "given" || now.kind === "forward" ? "forward" : "backward";
    this.slider.setAttribute("aria-valuetext", `step ${this.step} of ${this.walk.steps.length - 1}, ${phase}`);
    this.position.replaceChildren(el("b", null, String(this.step)), ` of ${this.walk.steps.length - 1}`);
    const first = this.walk.steps.findIndex((s) => s.kind === "seed") / (this.walk.steps.length - 1);
    this.slider.style.setProperty("--forward-part", `${(100 * first).toFixed(1)}%`);
    if (this.mounted) this.address();
    this.update();
  }

  // The address of the step, written where a held key comes to rest: browsers refuse hundreds of changes within seconds.
  address() {
    clearTimeout(this.writing);
    this.writing = setTimeout(() => {
      const hash = `#step=${this.step}`;
      if (location.hash !== hash) history.replaceState(null, "", hash);
    }, 150);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || /^(input|select|textarea)$/i.test(event.target.tagName)) return;
    if (event.target.closest(".code, .scroll, .lines")) return; // these scroll
    const moves = { ArrowRight: this.step + 1, ArrowLeft: this.step - 1, Home: 0, End: Infinity };
    if (!(event.key in moves) || event.shiftKey) return;
    if (/^(Home|End)$/.test(event.key) && !event.target.closest("#player")) return; // to the ends of the page
    event.preventDefault();
    this.go(moves[event.key]);
  }

  play() {
    if (this.timer) {
      clearInterval(this.timer);
      this.timer = null;
    } else {
      if (this.step === this.walk.steps.length - 1) this.go(0);
      this.timer = setInterval(() => {
        this.go(this.step + 1);
        if (this.step === this.walk.steps.length - 1) this.play();
      }, 1400);
    }
    this.playing.textContent = this.timer ? "❚❚ Pause" : "▶ Play";
    this.playing.setAttribute("aria-label", this.timer ? "Pause" : "Play");
  }

  update() {
    const { walk, step } = this;
    const now = walk.steps[step];
    const into = (k) => walk.links.flatMap(([, to], link) => (to === k ? [link] : []));
    const state = {
      values: (k) => walk.valueAt[k] <= step,
      adjoints: (k) => walk.adjointAt[k] <= step,
      forward: new Set(now.kind === "forward" ? [now.node] : []),
      back: new Set(now.kind === "given" || now.kind === "forward" ? [] : [now.node]),
      links: new Map(),
      focus: now.node,
      describe: (k) => this.describe(k),
    };
    if (now.kind === "forward") into(now.node).forEach((link) => state.links.set(link, "forward"));
    if (now.kind === "edge") state.links.set(walk.linkOf[now.part.edge], "back");
    if (now.kind === "sum") now.parts.forEach((part) => state.links.set(walk.linkOf[part.edge], "back"));
    this.picture.update(state);
    this.explanation.className = `explanation ${now.kind === "given" || now.kind === "forward" ? "forward" : "back"}`;
    this.explanation.replaceChildren(...this.explain(now));
    announce(this.spoken(now));
  }

  describe(k) {
    const node = this.walk.nodes[k];
    const parts = [node.name, node.shape, `value ${brief(node.value)}`];
    if (node.adjoint !== null) parts.push(`adjoint ${brief(node.adjoint)}`);
    return parts.filter(Boolean).join(", ");
  }

  // --- words ---

  symbol(k) { return mathTree(this.walk.nodes[k].symbol, (n) => this.symbol(n)); }

  adjoint(k) { return mathTree(this.walk.nodes[k].dsymbol, (n) => this.symbol(n)); }

  inSymbols(tree) { return mathTree(tree, (k) => this.symbol(k)); }

  inNumbers(tree) { return mathTree(tree, (k) => mathNumber(this.walk.nodes[k].value, 6, true)); }

  heading(phase, ...words) {
    return el("h3", null, el("span", { class: "phase" }, phase), " ", words);
  }

  inline(tree) { return mathElement("math", null, tree); }

  explain(now) {
    const node = this.walk.nodes[now.node];
    if (now.kind === "given") return this.explainGiven();
    if (now.kind === "forward") return this.explainForward(now.node, node);
    if (now.kind === "seed") {
      return [this.heading("Backward", "starts at ", this.inline(this.symbol(now.node))),
        aligned([[this.adjoint(now.node), mathNumber(1)]]),
        el("p", null, "The objective changes with itself one to one. From here each step carries an adjoint, the derivative of the objective, one edge back.")];
    }
    return now.kind === "edge" ? this.explainEdge(now) : this.explainSum(now);
  }

  explainGiven() {
    const given = this.walk.nodes.flatMap((node, k) => (node.formula ? [] : [k]));
    const shown = given.slice(0, 24);
    const rows = shown.map((k) => el("div", { class: "given" }, this.inline(row(this.symbol(k), operator("="), valueTree(this.walk.nodes[k].value)))));
    return [this.heading("Forward", "begins with what is given"), el("div", { class: "givens" }, rows),
      given.length > shown.length ? el("p", null, `and ${given.length - shown.length} more`) : null].filter(Boolean);
  }

  explainForward(k, node) {
    const rows = [[this.symbol(k), this.inSymbols(node.formula)]];
    if (this.walk.scalars && /"ref"/.test(JSON.stringify(node.formula))) rows.push([null, this.inNumbers(node.formula)]);
    rows.push([null, valueTree(node.value)]);
    return [this.heading("Forward", "calculates ", this.inline(this.symbol(k))), aligned(rows)];
  }

  explainEdge({ node, part, parts, completes }) {
    const edge = this.walk.edges[part.edge];
    const upstream = this.walk.nodes[edge.to].adjoint;
    const scalar = this.walk.scalars;
    const symbols = this.inSymbols(part.formula);
    const down = scalar ? this.partSymbol(node, part, parts) : completes ? row(this.adjoint(node), operator("="), symbols) : symbols;
    const three = el("div", { class: "product" },
      factor("upstream", row(this.adjoint(edge.to)), upstream), el("span", { class: "sign" }, "×"),
      factor("local", row(this.inSymbols(edge.symbol), operator("="), this.inSymbols(edge.local)), edge.value),
      el("span", { class: "sign" }, "="),
      factor("downstream", down, part.value));
    const words = [this.heading("Backward", "along the edge from ", this.inline(this.symbol(edge.to)), " to ", this.inline(this.symbol(node))), three];
    if (completes && scalar) words.push(this.complete(node, [part]));
    else if (!completes) words.push(el("p", null, `${this.walk.nodes[node].name} is used ${parts.length === 2 ? "twice" : `${parts.length} times`}: this is part ${parts.indexOf(part) + 1} of ${parts.length} of its adjoint.`));
    return words;
  }

  partSymbol(node, part, parts) {
    return parts.length === 1 ? this.adjoint(node) : this.inSymbols(part.formula);
  }

  complete(node, parts) {
    const value = this.walk.nodes[node].adjoint;
    const edge = this.walk.edges[parts[0].edge];
    const numbers = row(mathNumber(this.walk.nodes[edge.to].adjoint, 6, true), operator("·"), mathNumber(edge.value, 6, true));
    return aligned([[this.adjoint(node), this.chain(parts[0])], [null, numbers], [null, mathNumber(value)]]);
  }

  // upstream · local, in symbols
  chain(part) {
    const edge = this.walk.edges[part.edge];
    return row(this.adjoint(edge.to), operator("·"), this.inSymbols(edge.symbol));
  }

  explainSum({ node, parts }) {
    const value = this.walk.nodes[node].adjoint;
    const joined = (trees) => row(...trees.flatMap((tree, k) => (k ? [operator("+"), tree] : [tree])));
    const symbols = this.walk.scalars ? parts.map((part) => this.chain(part)) : parts.map((part) => row(operator("("), this.inSymbols(part.formula), operator(")")));
    const rows = [[this.adjoint(node), joined(symbols)]];
    if (parts.every((part) => !isArray(part.value))) rows.push([null, joined(parts.map((part) => mathNumber(part.value, 6, true)))]);
    rows.push([null, valueTree(value)]);
    return [this.heading("Backward", "adds up what comes back to ", this.inline(this.symbol(node))), aligned(rows),
      el("p", null, "A value that is used more than once sends its change along every edge, so the contributions are added.")];
  }

  spoken(now) {
    const node = this.walk.nodes[now.node];
    const start = `Step ${this.step} of ${this.walk.steps.length - 1}. `;
    if (now.kind === "given") return `${start}What is given.`;
    if (now.kind === "forward") return `${start}Forward: ${node.name} is ${brief(node.value)}.`;
    if (now.kind === "seed") return `${start}Backward: the adjoint of ${node.name} is 1.`;
    if (now.kind === "sum") return `${start}Backward: the adjoint of ${node.name} is the sum, ${brief(node.adjoint)}.`;
    const edge = this.walk.edges[now.part.edge];
    const from = this.walk.nodes[edge.to];
    return `${start}Backward from ${from.name} to ${node.name}: upstream ${brief(from.adjoint)} times local ${brief(edge.value)} is ${brief(now.part.value)}.`;
  }

  // --- inputs that can be changed ---

  drawInputs() {
    const { walk } = this;
    this.inputs.replaceChildren();
    if (!walk.program) return;
    walk.start ||= walk.nodes.map((node) => node.value);
    const fields = walk.nodes.flatMap((node, k) => {
      if (node.formula) return [];
      const field = el("input", { type: "number", step: "any", value: node.value, "aria-label": node.name, "data-input": node.name, input: () => this.change(k, field) });
      return [el("label", null, this.inline(row(this.symbol(k), operator("="))), field)];
    });
    const reset = el("button", { type: "button", "data-act": "reset", click: () => {
      walk.nodes.forEach((node, k) => { if (!node.formula) node.value = walk.start[k]; });
      calculate(walk);
      this.drawInputs();
      this.update();
    } }, "Reset");
    this.inputs.append(el("h3", null, "Change an input"), el("div", { class: "fields" }, fields, reset));
  }

  change(k, field) {
    const value = field.valueAsNumber;
    field.setAttribute("aria-invalid", String(!Number.isFinite(value)));
    if (!Number.isFinite(value)) return;
    this.walk.nodes[k].value = value;
    calculate(this.walk);
    this.update();
  }
}

function factor(name, symbols, value) {
  return el("div", { class: `factor ${name}` }, el("span", { class: "name" }, name), display(symbols),
    el("span", { class: "number" }, valueNode(value)));
}

// Equations below each other, their signs aligned; a row without a left side goes on with the one above.
function aligned(rows) {
  const cells = rows.map(([left, right]) => mathElement("mtr", null, mathElement("mtd", null, left || mathElement("mrow")),
    mathElement("mtd", null, operator("="), mathElement("mspace", { width: "0.28em" }), right)));
  return el("div", { class: "equation" }, mathElement("math", { display: "block" }, mathElement("mtable", { class: "aligned", displaystyle: "true" }, cells)));
}

// A value with room for two lines.
function valueNode(value) {
  if (value === null) return el("span", { class: "range" }, "too many numbers to be kept");
  if (!isArray(value) || isMatrix(value)) return display(valueTree(value));
  return el("span", { class: "range" }, el("span", { class: "of" }, value.shape.join("×")), brief(value));
}

function isMatrix({ data, shape }) {
  return Boolean(data && data.length) && shape.length <= 2 && shape.every((length) => length <= 6);
}

// A value as a number, a small array as a matrix, a large one in words.
function valueTree(value) {
  if (!isArray(value)) return mathNumber(value);
  const [rows, columns] = value.shape.length === 2 ? value.shape : [1, value.shape[0]];
  if (!isMatrix(value)) return mathElement("mtext", null, inWords(value));
  const cells = Array.from({ length: rows }, (_, r) => mathElement("mtr", null,
    Array.from({ length: columns }, (_, c) => mathElement("mtd", null, mathNumber(value.data[r * columns + c], 4)))));
  return row(mathElement("mo", { fence: "true", form: "prefix" }, "["), mathElement("mtable", { class: "matrix" }, cells), mathElement("mo", { fence: "true", form: "postfix" }, "]"));
}

function inWords(value) {
  const shape = value.shape.join("×");
  if (value.min === undefined) return `${shape}, empty`;
  if (value.min === value.max) return `${shape}, all ${number(value.min, 4)}`;
  return `${shape} numbers, ${number(value.min, 4)} to ${number(value.max, 4)}`;
}
