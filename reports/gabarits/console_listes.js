"use strict";
// The lists: scenarios, exchanges by screens, and one exchange in its frame. Lines change in place, so that focus stays.
import { $, badge, make, order, plural } from "./console_page.js";

const ROWS = 100;
const OPEN = ["à venir", "en cours"];
const GOOD = ["conforme", "sans objet"];
const scenarios = new Map();
const rows = new Map();
let live = true;
let opened = "";
let filter = "";

export function showScenarios(changed) {
  for (const scenario of changed) {
    const former = scenarios.get(scenario.id);
    const line = former ? former.line : make("li");
    if (!former) $("scenarios").append(line);
    scenarios.set(scenario.id, { ...scenario, line });
    fillScenario(scenario, line);
  }
  sift();
}

function fillScenario(scenario, line) {
  line.dataset.id = scenario.id;
  const head = line.querySelector(".titre") || make("p", "", { class: "titre" });
  head.replaceChildren(badge(scenario.etat), " ", make("span", scenario.titre));
  const name = line.querySelector(".nom") || make("p", scenario.id, { class: "nom" });
  const reason = line.querySelector(".raison") || make("p", "", { class: "raison" });
  reason.textContent = scenario.raison + (scenario.tentatives > 1 ? " (tentative " + scenario.tentatives + ")" : "");
  reason.hidden = !reason.textContent.trim();
  if (!head.parentNode) line.append(head, reason, name);
  toggle(line, "voir", scenario.echanges > 0, plural(scenario.echanges, "échange"), "Voir les échanges de " + scenario.id, () => only(scenario.id));
  toggle(line, "rejouer", !OPEN.includes(scenario.etat), "Rejouer", "Rejouer " + scenario.id, () => order("rejouer", scenario.id));
  const plays = scenario.etat === "en cours";
  if (plays && !line.hasAttribute("aria-current")) follow(line);
  line.toggleAttribute("aria-current", plays);
}

// The list scrolls to what plays, unless the tester is reading it.
function follow(line) {
  const list = $("scenarios");
  if (list.matches(":hover") || list.contains(document.activeElement)) return;
  requestAnimationFrame(() => { list.scrollTop += line.getBoundingClientRect().top - list.getBoundingClientRect().top - 8; });
}

function toggle(line, name, wanted, text, label, act) {
  const found = line.querySelector("." + name);
  if (!wanted) { if (found) found.remove(); return; }
  const button = found || make("button", "", { type: "button", class: name });
  button.textContent = text;
  button.setAttribute("aria-label", text + " : " + label);
  if (found) return;
  button.addEventListener("click", act);
  line.append(button);
}

function sift() {
  const wanted = $("filtre").value;
  const text = $("cherche").value.trim().toLowerCase();
  let shown = 0;
  for (const { line, etat, titre, id } of scenarios.values()) {
    const open = OPEN.includes(etat);
    const fits = (!wanted || (wanted === "ouverts" ? open : wanted === "joues" ? !open : !open && !GOOD.includes(etat)))
      && (!text || (titre + " " + id).toLowerCase().includes(text));
    if (line.hidden !== !fits) line.hidden = !fits;
    shown += fits;
  }
  $("aucun").hidden = shown > 0 || !scenarios.size;
}

export function playing() { return [...scenarios.values()].find((each) => each.etat === "en cours"); }

export function replayable(possible) { $("scenarios").classList.toggle("fige", !possible); }

export function showExchanges(page) {
  for (const each of page.echanges) if (rows.has(each.id)) fillExchange(each, rows.get(each.id));
  if (live) {
    for (const each of page.echanges) if (!rows.has(each.id) && fits(each)) addFirst(each);
    while (rows.size > ROWS) drop();
  }
  $("nombre").textContent = page.nombre
    ? plural(page.nombre, "échange") + (page.nombre > 1 ? " reçus" : " reçu") + (live ? "" : " ; vous lisez les plus anciens")
    : "Aucun échange reçu.";
  if (live) $("anciens").hidden = rows.size < ROWS;
}

function fits(each) { return (!filter || each.scenario === filter) && (!$("constats").checked || each.constat); }

function addFirst(each) {
  const row = make("tr");
  rows.set(each.id, row);
  fillExchange(each, row);
  const after = [...$("echanges").children].find((other) => other.dataset.id < each.id);
  $("echanges").insertBefore(row, after || null);
}

function drop() {
  const last = $("echanges").lastElementChild;
  rows.delete(last.dataset.id);
  last.remove();
}

function fillExchange(each, row) {
  row.dataset.id = each.id;
  const open = row.querySelector("button") || make("button", each.id, { type: "button" });
  if (!open.parentNode) open.addEventListener("click", () => view(each.id));
  const kind = make("span");
  if (each.resume) kind.append(make("span", each.resume), make("br"));
  kind.append(make("code", each.genre));
  const said = make("span");
  if (each.verdict) said.append(badge(each.verdict));
  if (each.constat) said.append(make("span", " " + each.constat));
  const cells = [each.heure, open, kind, each.statut || "…", said];
  if (row.children.length) {
    [0, 2, 3, 4].forEach((rank) => row.children[rank].replaceChildren(cells[rank]));
    return;
  }
  row.append(...cells.map((cell) => { const td = make("td"); td.append(cell); return td; }));
}

async function fetchLines(before) {
  const query = new URLSearchParams({ avant: before, scenario: filter, constats: $("constats").checked ? "1" : "" });
  const page = await (await fetch("/echanges?" + query)).json();
  $("echanges").replaceChildren();
  rows.clear();
  for (const each of page.echanges) addFirst(each);
  live = !before;
  $("direct").hidden = live;
  $("anciens").hidden = !page.reste;
}

async function older() {
  await fetchLines($("echanges").lastElementChild.dataset.id);
  $("titre-echanges").focus();
}

async function newest() {
  await fetchLines("");
  $("titre-echanges").focus();
}

async function only(scenario) {
  filter = scenario;
  $("tous").hidden = !scenario;
  $("tous").textContent = "Scénario " + scenario + " : tout montrer";
  close(false);
  await newest();
}

export async function reload() {
  rows.clear();
  $("echanges").replaceChildren();
  live = true;
  if (filter || $("constats").checked) await fetchLines("");
}

function view(id) {
  opened = id;
  $("liste").hidden = true;
  $("vue").hidden = false;
  $("titre-vue").textContent = "Échange " + id;
  $("cadre").title = "Échange " + id;
  $("cadre").src = "/echange/" + id;
  $("titre-vue").focus();
  const row = rows.get(id);
  $("precedent").disabled = !(row && row.nextElementSibling);
  $("suivant").disabled = !(row && row.previousElementSibling);
}

function step(sibling) {
  const row = rows.get(opened);
  if (row && row[sibling]) view(row[sibling].dataset.id);
}

function close(back = true) {
  $("vue").hidden = true;
  $("liste").hidden = false;
  $("cadre").removeAttribute("src");
  const row = rows.get(opened);
  if (back) (row ? row.querySelector("button") : $("titre-echanges")).focus();
  opened = "";
}

$("filtre").addEventListener("change", sift);
$("cherche").addEventListener("input", sift);
$("constats").addEventListener("change", () => fetchLines(""));
$("tous").addEventListener("click", () => only(""));
$("anciens").addEventListener("click", older);
$("direct").addEventListener("click", newest);
$("fermer").addEventListener("click", () => close());
$("precedent").addEventListener("click", () => step("nextElementSibling"));
$("suivant").addEventListener("click", () => step("previousElementSibling"));
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && opened) close(); });
