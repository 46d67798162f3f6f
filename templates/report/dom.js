// Elements, numbers and formulas. Text becomes text nodes and nothing else: no string is ever parsed as markup.

const SPACES = { svg: "http://www.w3.org/2000/svg", math: "http://www.w3.org/1998/Math/MathML" };

function make(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

const el = (name, attributes, ...children) => make(document.createElement(name), attributes, children);
const svg = (name, attributes, ...children) => make(document.createElementNS(SPACES.svg, name), attributes, children);
const mathElement = (name, attributes, ...children) => make(document.createElementNS(SPACES.math, name), attributes, children);

// --- numbers ---

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const superscript = (n) => [...String(n)].map((c) => SUPERSCRIPTS[c]).join("");

function number(value, digits = 6) {
  if (value === null || value === undefined) return "…";
  if (value === "nan" || Number.isNaN(value)) return "nan";
  if (value === "inf" || value === Infinity) return "∞";
  if (value === "-inf" || value === -Infinity) return "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  let text;
  if (size >= 1e6 || size < 1e-4) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
    text = `${Number(mantissa)}·10${superscript(Number(exponent))}`;
  } else text = String(Number(value.toPrecision(digits)));
  return text.replace("-", "−");
}

const whole = (value) => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

// A power of ten for errors: 3.2·10⁻⁹.
function error(value) {
  if (typeof value !== "number") return number(value);
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(1).split("e");
  return `${mantissa}·10${superscript(Number(exponent))}`;
}

const isArray = (value) => value !== null && typeof value === "object";

// One line for a value: a number, or the range of an array.
function brief(value, digits = 4) {
  if (!isArray(value)) return number(value, digits);
  if (value.min === undefined) return "empty";
  if (value.min === value.max) return `all ${number(value.min, digits)}`;
  return `${number(value.min, 3)} … ${number(value.max, 3)}`;
}

// --- formulas ---

// `resolve` says what stands for a reference to a node.
function mathTree(tree, resolve) {
  if (typeof tree === "string") return tree;
  const [name, ...rest] = tree;
  if (name === "ref") return resolve(rest[0]);
  const attributes = rest.length && !Array.isArray(rest[0]) && typeof rest[0] === "object" ? rest.shift() : null;
  const children = rest.map((child) => mathTree(child, resolve));
  return mathElement(name, attributes, ROWS.has(name) ? separated(children) : children);
}

const ROWS = new Set(["mrow", "mtd", "mstyle"]);

// Names with a little space between them are multiplied; numbers in their places need a sign for it: 3·2, not 3 2.
const separated = (children) => children.map((child, k) =>
  child.localName === "mspace" && k && children[k + 1]?.localName === "mn" && ["mn", "mrow"].includes(children[k - 1].localName)
    ? operator("·") : child);

const math = (tree, resolve) => mathElement("math", null, mathTree(tree, resolve));
const display = (...trees) => mathElement("math", { display: "block" }, trees);
const row = (...trees) => mathElement("mrow", null, trees);
const operator = (sign) => mathElement("mo", null, sign);

function mathNumber(value, digits = 6, fenced = false) {
  const text = number(value, digits);
  const [, sign, mantissa, exponent] = /^(−?)(.*?)(?:·10(.*))?$/.exec(text);
  const parts = [];
  if (sign) parts.push(mathElement("mo", { form: "prefix" }, "−"));
  parts.push(mathElement("mn", null, mantissa));
  if (exponent) {
    const plain = [...exponent].map((c) => Object.keys(SUPERSCRIPTS).find((k) => SUPERSCRIPTS[k] === c)).join("");
    parts.push(operator("·"), mathElement("msup", null, mathElement("mn", null, "10"), mathElement("mn", null, plain.replace("-", "−"))));
  }
  if (fenced && (sign || exponent)) return row(mathElement("mo", { stretchy: "false" }, "("), ...parts, mathElement("mo", { stretchy: "false" }, ")"));
  return parts.length === 1 ? parts[0] : row(...parts);
}

// --- names in pictures: W[0, 1] as W with its indices below ---

function label(name, attributes) {
  const match = /^(.*)\[(.*)\]$/.exec(name) || /^(v)(\d+)$/.exec(name);
  if (!match) return svg("text", attributes, name);
  const below = match[2].split(", ").every((part) => part.length === 1) ? match[2].replaceAll(", ", "") : match[2];
  return svg("text", attributes, match[1], svg("tspan", { dy: 4, class: "indices" }, below));
}

// --- copying ---

async function copy(text, button) {
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch {
    const area = el("textarea", { class: "offscreen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
    button.focus();
  }
  const before = button.textContent;
  button.textContent = done ? "Copied" : "Not copied";
  announce(done ? "LaTeX copied" : "LaTeX could not be copied");
  setTimeout(() => { button.textContent = before; }, 1200);
}

const announce = (text) => { document.getElementById("announcer").textContent = text; };

// A row of buttons of which one is chosen.
function choice(title, options, chosen, change) {
  const buttons = options.map(([key, text]) =>
    el("button", { type: "button", "aria-pressed": String(key === chosen), "data-key": key, click: () => { select(key); change(key); } }, text));
  function select(key) {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.key === key));
  }
  return { node: el("div", { class: "choice", role: "group", "aria-label": title }, buttons), select };
}

function section(id, title, lede, ...children) {
  return el("section", { id, "aria-labelledby": `${id}-title` },
    el("h2", { id: `${id}-title` }, title), lede ? el("p", { class: "lede" }, lede) : null, children);
}
