// The page, from its data.

const data = JSON.parse(document.getElementById("data").textContent);
data.steps = Array.from({ length: data.stepCount }, (_, k) => 10 ** (-(k + 1) / 2));

const sections = [];
const player = data.walks.length ? new Player(data) : null;
if (player) {
  sections.push(section("graph", "The graph", data.words, el("div", { id: "player" })));
} else sections.push(tablePanel(data));
if (data.formulas) sections.push(section("formulas", "The formulas", "Point at a formula and its lines are marked; point at a line and its formula is.", new Formulas(data).mount()));
sections.push(checkPanel(data), costPanel(data), specPanel(data));

document.getElementById("top").append(
  el("p", { class: "kicker" }, "symnet report"), el("h1", null, data.network), el("p", { class: "subtitle" }, data.subtitle),
  el("nav", { "aria-label": "Parts of the page" }, sections.map((part) => el("a", { href: `#${part.id}` }, part.querySelector("h2").textContent))));
document.getElementById("page").replaceChildren(...sections);
document.getElementById("foot").append(`Made by symnet ${data.versions.symnet} from a spec with the SHA-256 sum ${data.digest.slice(0, 12)}…`);
document.body.append(el("div", { id: "announcer", class: "offscreen", "aria-live": "polite" }));

if (player) {
  document.getElementById("player").append(...player.mount());
  player.picture.fit();
  const follow = () => {
    const match = /^#step=(\d+)$/.exec(location.hash);
    if (match) player.go(Number(match[1]));
  };
  follow();
  player.mounted = true;
  player.update();
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => player.go(Infinity));
}
document.documentElement.dataset.ready = "yes";
