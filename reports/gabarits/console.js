"use strict";
// The page of the console: shows what the harness says, sends what the tester answers. Nothing here decides anything.
const $ = (id) => document.getElementById(id);
const WORDS = {
  geste: [["fait", "Fait"], ["refuse", "Le DUI a refusé"], ["impossible", "Impossible"], ["passer", "Passer"]],
  horloge: [["fait", "Fait"], ["impossible", "Impossible"], ["passer", "Passer"]],
  question: [["oui", "Oui, je l'ai vu"], ["non", "Non"], ["passer", "À examiner plus tard"]],
};
const YES_NO = new Set(["session", "integre"]);
const rows = new Map();
let asked = null;
let scenarios = [];
let version = 0;

function slug(text) { return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/ /g, "-"); }

function make(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function verdict(text) { return make("span", text, { class: "v v-" + slug(text) }); }

function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return whole >= 60 ? Math.floor(whole / 60) + " min " + (whole % 60) + " s" : whole + " s";
}

function showDemand(demand) {
  if (asked && demand && asked.numero === demand.numero) return;
  const form = $("reponse");
  asked = demand ? { ...demand, begun: Date.now() - demand.passe * 1000 } : null;
  form.hidden = !asked;
  $("consigne").replaceChildren();
  $("erreur").textContent = "";
  if (!asked) { $("consigne").textContent = "Rien à faire pour l'instant : le banc travaille."; return; }
  $("consigne").append(make("span", asked.consigne), make("span", "", { class: "rebours", "aria-hidden": "true" }));
  $("champs").replaceChildren(...asked.observe.map(field));
  $("fichiers").hidden = asked.sorte === "horloge" || (asked.sorte === "geste" && !asked.rend.length);
  document.querySelector("label[for=pieces]").textContent =
    asked.rend.length ? "Fichier à joindre : " + asked.rend.join(", ") : "Fichiers à joindre (capture, document)";
  $("pieces").value = "";
  $("message").value = "";
  $("boutons").replaceChildren(...WORDS[asked.sorte].map(([word, label], rank) => {
    const button = make("button", label, { type: "button", value: word, class: rank ? "" : "premier" });
    button.addEventListener("click", () => answer(word));
    return button;
  }));
  if (!form.contains(document.activeElement)) $("titre-demande").focus();
}

function field(name) {
  const holder = make("p");
  const label = make("label", name, { for: "obs-" + name });
  const input = YES_NO.has(name) ? make("select", "", { id: "obs-" + name }) : make("input", "", { id: "obs-" + name, type: "text" });
  if (YES_NO.has(name)) for (const [value, text] of [["", "non noté"], ["oui", "oui"], ["non", "non"]]) input.append(make("option", text, { value }));
  input.dataset.nom = name;
  holder.append(label, input);
  return holder;
}

async function answer(word) {
  const observations = {};
  for (const input of $("champs").querySelectorAll("[data-nom]")) {
    if (input.value === "") continue;
    observations[input.dataset.nom] = input.value === "oui" ? true : input.value === "non" ? false : input.value;
  }
  const pieces = await Promise.all([...$("pieces").files].map(async (file) => ({ nom: file.name, contenu: await base64(file) })));
  await send("/reponse", { numero: asked.numero, mot: word, message: $("message").value, observations, pieces });
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] || "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

async function send(address, body) {
  $("erreur").textContent = "";
  try {
    const reply = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const said = await reply.text();
    if (!reply.ok) $("erreur").textContent = said;
  } catch {
    $("erreur").textContent = "Le banc ne répond pas : votre réponse n'est pas partie. Elle est encore à l'écran.";
  }
}

function showScenarios() {
  const wanted = $("filtre").value;
  const kept = scenarios.filter((s) => !wanted
    || (wanted === "ouverts" ? ["à venir", "en cours"].includes(s.etat) : !["à venir", "en cours", "conforme", "sans objet"].includes(s.etat)));
  $("scenarios").replaceChildren(...kept.map((s) => {
    const line = make("li");
    line.append(verdict(s.etat), " ", make("span", s.titre), " ", make("span", s.id, { class: "nom" }));
    if (s.raison) line.append(make("p", s.raison));
    if (!["à venir", "en cours"].includes(s.etat)) {
      const again = make("button", "Rejouer", { type: "button", "aria-label": "Rejouer " + s.id });
      again.addEventListener("click", () => send("/commande", { action: "rejouer", scenario: s.id }));
      line.append(" ", again);
    }
    return line;
  }));
  const counts = new Map();
  for (const s of scenarios) counts.set(s.etat, (counts.get(s.etat) || 0) + 1);
  $("bilan").textContent = [...counts].map(([name, count]) => count + " " + name).join(", ");
}

function showExchange(e, first) {
  let row = rows.get(e.id);
  if (!row) {
    row = make("tr");
    rows.set(e.id, row);
    first ? $("echanges").append(row) : $("echanges").prepend(row);
  }
  const open = make("button", e.id, { type: "button" });
  open.addEventListener("click", () => view(e.id));
  const cells = [e.heure.slice(11, 19), open, e.service, e.genre, e.statut, e.verdict ? verdict(e.verdict) : "", e.constat];
  row.replaceChildren(...cells.map((cell) => { const td = make("td"); td.append(cell); return td; }));
}

function view(id) {
  $("vue").hidden = false;
  $("titre-vue").textContent = "Échange " + id;
  $("cadre").src = "/echange/" + id;
  $("titre-vue").focus();
}

function apply(page) {
  version = page.version;
  $("produit").textContent = "– " + page.produit;
  $("attendu").textContent = page.attendu ? "Le banc attend : " + page.attendu : "";
  $("pause").textContent = page.en_pause ? "Reprendre" : "Mettre en pause";
  $("pause").dataset.action = page.en_pause ? "reprendre" : "pause";
  $("messages").replaceChildren(...page.messages.map((text) => make("li", text)));
  $("fin").hidden = !page.rapport;
  scenarios = page.scenarios;
  showScenarios();
  for (const e of page.echanges) showExchange(e, false);
  $("nombre").textContent = page.nombre ? page.nombre + " échanges reçus" : "Aucun échange reçu.";
  $("anciens").hidden = rows.size >= page.nombre;
  showDemand(page.demande);
}

async function older() {
  const before = [...rows.keys()].sort()[0] || "";
  const reply = await fetch("/echanges?avant=" + encodeURIComponent(before));
  const page = await reply.json();
  for (const e of page.echanges.reverse()) showExchange(e, true);
}

async function follow() {
  for (;;) {
    try {
      const reply = await fetch("/etat");
      if (reply.status === 403) { $("liaison").textContent = await reply.text(); return; }
      apply(await reply.json());
      $("liaison").textContent = "";
      await listen();
    } catch {
      $("liaison").textContent = "Le banc est arrêté. La page reprendra seule quand il sera relancé (run --reprendre --console).";
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

function listen() {
  return new Promise((resolve) => {
    const source = new EventSource("/flux?depuis=" + version);
    source.onmessage = (message) => apply(JSON.parse(message.data));
    source.onerror = () => { source.close(); resolve(); };
  });
}

setInterval(() => {
  const left = document.querySelector("#consigne .rebours");
  if (left && asked && asked.delai) left.textContent = "Le banc attend encore " + duration(asked.delai - (Date.now() - asked.begun) / 1000) + ".";
}, 1000);
$("reponse").addEventListener("submit", (event) => event.preventDefault());
$("pause").addEventListener("click", () => send("/commande", { action: $("pause").dataset.action || "pause" }));
$("terminer").addEventListener("click", () => send("/commande", { action: "terminer" }));
$("passer").addEventListener("click", () => send("/commande", { action: "passer" }));
$("fermer").addEventListener("click", () => { $("vue").hidden = true; $("titre-echanges").scrollIntoView(); });
$("filtre").addEventListener("change", showScenarios);
$("anciens").addEventListener("click", older);
follow();
