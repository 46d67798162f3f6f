// Values, local gradients and adjoints of a scalar graph, again from its inputs: an interpreter of postfix programs.

function erf(x) {
  const size = Math.abs(x);
  if (!(size < 6)) return Number.isNaN(x) ? NaN : Math.sign(x);
  if (size < 2.5) { // the series of Taylor, whose terms alternate too little here to lose digits
    let term = size, sum = size;
    for (let n = 1; n < 120; n += 1) {
      term *= (2 * size * size) / (2 * n + 1);
      sum += term;
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * Math.exp(-size * size) * sum;
  }
  let fraction = 0; // the continued fraction of erfc
  for (let n = 60; n > 0; n -= 1) fraction = (n / 2) / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-size * size) / Math.sqrt(Math.PI) / (size + fraction));
}

const UNARY = {
  exp: Math.exp, log: Math.log, sin: Math.sin, cos: Math.cos, tan: Math.tan, sinh: Math.sinh, cosh: Math.cosh,
  tanh: Math.tanh, atan: Math.atan, erf, log1p: Math.log1p, expm1: Math.expm1, abs: Math.abs, floor: Math.floor,
  sign: Math.sign, step: (x) => Number(x > 0), not: (x) => Number(x === 0), stop: (x) => x,
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
};
const BINARY = {
  "+": (a, b) => a + b, "*": (a, b) => a * b, "/": (a, b) => a / b, "^": (a, b) => a ** b,
  max: (a, b) => (a >= b || Number.isNaN(a) ? a : b), min: (a, b) => (a <= b || Number.isNaN(a) ? a : b),
  floordiv: (a, b) => Math.floor(a / b), mod: (a, b) => a - b * Math.floor(a / b),
  eq: (a, b) => Number(a === b), ne: (a, b) => Number(a !== b), lt: (a, b) => Number(a < b), le: (a, b) => Number(a <= b),
  and: (a, b) => Number(a !== 0 && b !== 0), or: (a, b) => Number(a !== 0 || b !== 0),
};

function run(postfix, values, own) {
  const stack = [];
  for (const word of postfix) {
    if (typeof word === "number") stack.push(word);
    else if (word === "y") stack.push(own);
    else if (word === "inf") stack.push(Infinity);
    else if (/^x\d$/.test(word)) stack.push(values[Number(word[1])]);
    else if (word === "where") {
      const [test, yes, no] = stack.splice(-3);
      stack.push(test !== 0 ? yes : no);
    } else if (Object.hasOwn(UNARY, word)) stack.push(UNARY[word](stack.pop()));
    else {
      const [a, b] = stack.splice(-2);
      stack.push(BINARY[word](a, b));
    }
  }
  return stack[0];
}

// Puts new numbers into a walk whose given nodes have new values.
function calculate(walk) {
  const { nodes, words } = walk.program;
  let edge = 0;
  nodes.forEach((operation, k) => {
    if (!operation) return;
    const [name, parents] = operation;
    const values = parents.map((p) => (Array.isArray(p) ? p[0] : walk.nodes[p].value));
    walk.nodes[k].value = run(words[name].value, values);
    parents.forEach((p, position) => {
      if (Array.isArray(p)) return;
      walk.edges[edge].value = run(words[name].partials[position], values, walk.nodes[k].value);
      edge += 1;
    });
  });
  for (const step of walk.back) {
    if (!step.parts.length) continue;
    for (const part of step.parts) {
      part.value = walk.edges[part.edge].value * walk.nodes[walk.edges[part.edge].to].adjoint;
    }
    walk.nodes[step.node].adjoint = step.parts.reduce((sum, part) => sum + part.value, 0);
  }
}
