// The graph: boxes and edges where the compiler has put them, and what of them is known at a step.

const HEADS = ["head", "head-forward", "head-back"];

class Picture {
  constructor(walk, stage, onNode, onGroup) {
    Object.assign(this, { walk, stage, onNode, onGroup });
    this.inside = {}; // group to the numbers of the nodes in it
    walk.nodes.forEach((node, k) => node.path.forEach((group) => (this.inside[group] ||= []).push(k)));
    this.open(walk.pictures[0].open);
  }

  // Show the picture with these groups open; of several groups, some cannot be open together.
  open(groups, wanted) {
    const key = (names) => [...names].sort().join("\n");
    const known = new Map(this.walk.pictures.map((picture) => [key(picture.open), picture]));
    const found = known.get(key(groups)) || known.get(key(this.withOwners(wanted))) || this.walk.pictures[0];
    this.shown = found;
    this.draw();
  }

  withOwners(group) {
    const first = group && this.inside[group][0];
    if (first === undefined) return [];
    const path = this.walk.nodes[first].path;
    return path.slice(0, path.indexOf(group) + 1);
  }

  toggle(group) {
    const open = new Set(this.shown.open);
    if (!open.delete(group)) return this.open([...open, ...this.withOwners(group)], group);
    const below = (name) => this.inside[name].every((k) => this.inside[group].includes(k)) && name !== group;
    const left = [...open].filter((name) => !below(name));
    const path = this.withOwners(group).slice(0, -1);
    return this.open(left, path[path.length - 1]);
  }

  draw() {
    const { width, height, boxes, pieces } = this.shown;
    this.boxes = new Map(); // node or group to its elements
    this.links = new Map(); // number of a link to its pieces
    this.layer = { open: svg("g"), edges: svg("g"), boxes: svg("g"), labels: svg("g", { class: "labels" }) };
    for (const [child, open, x, y, w, h] of boxes) this.drawBox(child, open, x, y, w, h);
    pieces.forEach((piece) => this.drawPiece(piece));
    const picture = svg("svg", {
      viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": "The computational graph",
    }, svg("defs", null, HEADS.map(arrowHead)), Object.values(this.layer));
    this.stage.replaceChildren(picture);
    this.element = picture;
    this.fit();
  }

  fit() {
    const room = this.stage.clientWidth - 2;
    const { width, height } = this.shown;
    const scale = room > 560 ? Math.max(0.8, Math.min(1.45, room / width, Math.max(1, 400 / height))) : 0.9;
    this.element.setAttribute("width", this.shown.width * scale);
    this.element.setAttribute("height", this.shown.height * scale);
  }

  drawBox(child, open, x, y, w, h) {
    const isGroup = typeof child === "string";
    const frame = (kind) => svg("rect", { class: `box ${kind}`, x, y, width: w, height: h, rx: 7 });
    if (open) {
      const owner = this.withOwners(child).at(-2);
      const name = owner ? child.slice(owner.length + 1) : child;
      const title = svg("text", { x: x + 14, y: y + 19 }, svg("tspan", { class: "name" }, name),
        svg("tspan", { class: "kind", dx: 7 }, this.walk.groups[child]), svg("tspan", { class: "kind", dx: 7 }, "−"));
      const handle = svg("rect", { class: "handle", x: x + 4, y: y + 4, width: Math.min(w - 8, 60 + 8 * (name.length + this.walk.groups[child].length)), height: 22, rx: 4 });
      const box = svg("g", this.handle(child, true), handle, title);
      this.layer.open.append(frame("open"), box);
      return;
    }
    const node = isGroup ? this.nodeOf(child) : this.walk.nodes[child];
    const middle = x + w / 2;
    const shape = isGroup ? this.walk.groups[child] : this.walk.shapes[child];
    const owner = isGroup ? this.withOwners(child).at(-2) : null;
    const name = isGroup ? (owner ? child.slice(owner.length + 1) : child) : node.label;
    const top = shape ? 19 : 20;
    const lines = [label(fitted(name, w), { class: "name", x: middle, y: y + top })];
    if (shape) lines.push(svg("text", { class: "shape", x: middle, y: y + 35 }, fitted(shape, w, 6.5)));
    const value = svg("text", { class: "value", x: middle, y: y + h - 27 });
    const adjoint = svg("text", { class: "adjoint", x: middle, y: y + h - 10 });
    const attributes = isGroup ? this.handle(child, false) : { class: `node role-${node.role}`, click: () => this.onNode(child), "data-node": node.name };
    if (isGroup) attributes.class = "node group";
    const under = isGroup ? svg("rect", { class: "box under", x: x + 4, y: y + 4, width: w, height: h, rx: 7 }) : null;
    const group = svg("g", attributes, under, frame(isGroup ? "group" : `role-${node.role}`), lines, value, adjoint, svg("title"));
    this.layer.boxes.append(group);
    this.boxes.set(child, { group, value, adjoint, node, members: isGroup ? this.inside[child] : [child] });
  }

  // What stands for a closed group: its result, or the last node in it.
  nodeOf(group) {
    const members = this.inside[group];
    return this.walk.nodes[members.find((k) => this.walk.nodes[k].name === group) ?? members[members.length - 1]];
  }

  handle(group, open) {
    const act = () => this.onGroup(group);
    return {
      class: "opener", role: "button", tabindex: 0, "aria-expanded": String(open), "data-group": group,
      "aria-label": `${group}, ${this.walk.groups[group]}, ${open ? "close" : "open"}`,
      click: act,
      keydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); act(); } },
    };
  }

  drawPiece([path, links, flags, x, y]) {
    const classes = `edge${flags & 1 ? " recurrent" : ""}`;
    const local = [...new Set(links.map((link) => this.walk.edgeOf[link]).filter((edge) => edge !== undefined).map((edge) => this.walk.edges[edge].text))];
    const line = svg("path", { class: classes, d: path, "marker-end": flags & 2 ? "url(#head)" : null }, local.length ? svg("title", null, local.join("\n")) : null);
    const number = x === undefined ? null : svg("text", { class: "local", x, y: y + 4 });
    this.layer.edges.append(line);
    if (number) this.layer.labels.append(number);
    for (const link of links) {
      if (!this.links.has(link)) this.links.set(link, []);
      this.links.get(link).push({ line, number, arrow: Boolean(flags & 2) });
    }
  }

  // What is known at a step, and what the step is about.
  update(state) {
    for (const { group, value, adjoint, node, members } of this.boxes.values()) {
      const k = this.walk.nodes.indexOf(node);
      value.textContent = state.values(k) ? brief(node.value) : "";
      adjoint.textContent = state.adjoints(k) ? brief(node.adjoint) : "";
      const forward = members.some((m) => state.forward.has(m)), back = members.some((m) => state.back.has(m));
      group.classList.toggle("is-forward", forward);
      group.classList.toggle("is-back", back);
      group.classList.toggle("is-idle", !members.some((m) => state.values(m)));
      group.querySelector("title").textContent = state.describe(k);
    }
    const pieces = [...this.links].flatMap(([link, found]) => found.map((piece) => [link, piece]));
    for (const [, { line, arrow }] of pieces) {
      line.classList.remove("is-forward", "is-back");
      line.setAttribute("marker-end", arrow ? "url(#head)" : "none");
    }
    for (const [link, { line, number: text, arrow }] of pieces) {
      const kind = state.links.get(link);
      if (kind) {
        line.classList.add(`is-${kind}`);
        line.parentNode.append(line);
        if (arrow) line.setAttribute("marker-end", `url(#head-${kind})`);
      }
      if (!text) continue;
      const edge = this.walk.edgeOf[link];
      text.textContent = edge !== undefined && state.values(this.walk.edges[edge].to) ? number(this.walk.edges[edge].value, 3) : "";
      text.classList.toggle("is-back", kind === "back");
    }
    this.reveal(state.focus);
  }

  // Scroll the stage, and nothing else, so that what a step is about can be seen.
  reveal(k) {
    if (k === null || k === undefined) return;
    const box = [...this.boxes.values()].find((b) => b.members.includes(k));
    if (!box) return;
    const inner = box.group.getBoundingClientRect(), outer = this.stage.getBoundingClientRect();
    if (inner.left < outer.left + 40 || inner.right > outer.right - 40) {
      this.stage.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
    }
    if (inner.top < outer.top || inner.bottom > outer.bottom) {
      this.stage.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
    }
  }
}

function arrowHead(id) {
  return svg("marker", { id, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, markerUnits: "userSpaceOnUse", orient: "auto" },
    svg("path", { class: id, d: "M0 0.8L7.5 4L0 7.2z" }));
}

// A name that a box has no room for keeps its end.
function fitted(text, width, each = 7.6) {
  const most = Math.floor((width - 8) / each);
  return text.length <= most ? text : `…${text.slice(1 - most)}`;
}
