"use strict";
// What the tester is asked: the instruction, its form, the countdown. The driver says what to ask; nothing is decided here.
import { $, duration, make, send } from "./console_page.js";

const WORDS = {
  geste: [["fait", "Fait"], ["refuse", "Le DUI a refusé"], ["impossible", "Impossible"], ["passer", "Passer"]],
  horloge: [["fait", "Fait"], ["impossible", "Impossible"], ["passer", "Passer"]],
  question: [["oui", "Oui, c'est constaté"], ["non", "Non"], ["passer", "À examiner plus tard"]],
  pv: [["suite", "Suivant"], ["passer", "Laisser à compléter"], ["fin", "Arrêter là"]],
};
const TITLES = {
  geste: "À vous : un geste dans le DUI",
  horloge: "À vous : l'horloge du DUI",
  question: "À vous : un constat à attester",
  pv: "Le PV, question par question",
};
const NOTES = {
  geste: "Message affiché par le DUI, ou raison",
  horloge: "Raison, si c'est impossible",
  question: "Note",
  pv: "Réponse",
};
const YES_NO = new Set(["session", "integre"]);
const LABELS = { par: "Attesté par (nom, fonction)" };
const REMEMBERED = new Map();
const drafts = new Map();
let asked = null;
let sent = 0;
let awaited = null;

export function current() { return asked; }

export function showDemand(page) {
  const demand = page.demande;
  awaited = page.attente ? { ...page.attente, begun: Date.now() - page.attente.passe * 1000 } : null;
  $("attendu").textContent = awaited ? "Le banc attend : " + awaited.quoi : "";
  if (asked && demand && asked.numero === demand.numero) return;
  const held = $("reponse").contains(document.activeElement);
  if (asked && asked.numero !== sent) keepDraft();
  asked = demand ? { ...demand, begun: Date.now() - demand.passe * 1000 } : null;
  $("reponse").hidden = !asked;
  $("reponse").dataset.numero = asked ? asked.numero : "";
  $("erreur").textContent = "";
  if (asked) fill(); else $("consigne").replaceChildren();
  count();
  if (held || (asked && document.activeElement === document.body)) $("titre-demande").focus({ preventScroll: !asked });
}

export function title(page) {
  if (asked) return TITLES[asked.sorte];
  if (page.fermee) return "Console fermée";
  if (page.rapport) return "Campagne terminée";
  if (page.tenue) return "Tous les scénarios sont joués";
  if (page.mode === "exploration") return "Le banc écoute";
  if (page.finie) return "Le banc écrit le rapport…";
  return page.en_pause ? "En pause" : "Le banc travaille";
}

function fill() {
  $("consigne").replaceChildren(make("p", asked.consigne, { class: "texte" }), ...details());
  const signed = asked.sorte === "question" ? ["par"] : [];
  $("champs").replaceChildren(...[...(asked.observe || []), ...signed].map(field));
  const given = asked.rend || [];
  $("fichiers").hidden = asked.sorte === "horloge" || asked.sorte === "pv" || (asked.sorte === "geste" && !given.length);
  const wanted = given.join(", ") || asked.a_joindre;
  $("nom-pieces").textContent = wanted ? "À joindre : " + wanted : "Fichiers à joindre (capture, document), s'il y en a";
  $("pieces").multiple = given.length !== 1;
  $("pieces").value = "";
  $("nom-message").textContent = NOTES[asked.sorte];
  $("message").value = "";
  const choices = asked.choix || [];
  $("zone-message").hidden = choices.length > 0;
  const words = choices.length ? [...choices.map((each) => ["suite", each, each]), ...WORDS.pv.slice(1)] : WORDS[asked.sorte];
  $("boutons").replaceChildren(...words.map(([value, label, said], rank) => {
    const button = make("button", label, { type: "button", value, class: rank ? "" : "premier" });
    button.addEventListener("click", () => answer(value, said));
    return button;
  }));
  restoreDraft();
}

// What was typed for a demand that another interrupts comes back with it.
function keepDraft() {
  const typed = new Map([...$("reponse").querySelectorAll("textarea, [data-nom]")].map((input) => [input.id, input.value]));
  drafts.set(asked.consigne, typed);
}

function restoreDraft() {
  for (const [id, value] of drafts.get(asked.consigne) || []) if ($(id)) $(id).value = value;
  drafts.delete(asked.consigne);
}

function details() {
  const lines = [];
  if (asked.rubrique) lines.push(make("p", asked.rubrique, { class: "petit" }));
  if (asked.atteste) lines.push(make("p", "Atteste : " + asked.atteste + ".", { class: "petit" }));
  if ((asked.exigences || []).length) lines.push(make("p", "Pour : " + asked.exigences.join(", "), { class: "petit" }));
  if (asked.rappel) lines.push(make("p", asked.rappel, { class: "rappel" }));
  return lines;
}

function field(name) {
  const holder = make("p");
  const id = "obs-" + name;
  const input = YES_NO.has(name) ? make("select", "", { id }) : make("input", "", { id, type: "text", autocomplete: "off" });
  if (name in LABELS) input.value = REMEMBERED.get(name) || "";
  for (const [value, text] of YES_NO.has(name) ? [["", "non noté"], ["oui", "oui"], ["non", "non"]] : []) {
    input.append(make("option", text, { value }));
  }
  input.dataset.nom = name;
  holder.append(make("label", LABELS[name] || name.replaceAll("_", " "), { for: id }), input);
  return holder;
}

async function answer(mot, said) {
  const numero = asked.numero;
  const observations = {};
  for (const input of $("champs").querySelectorAll("[data-nom]")) {
    if (input.value === "") continue;
    if (input.dataset.nom in LABELS) REMEMBERED.set(input.dataset.nom, input.value);
    observations[input.dataset.nom] = input.value === "oui" ? true : input.value === "non" ? false : input.value;
  }
  const pieces = await Promise.all([...$("pieces").files].map(async (file) => ({ nom: file.name, contenu: await base64(file) })));
  sent = numero;
  const taken = await send("/reponse", { numero, mot, message: said || $("message").value, observations, pieces });
  if (!taken) sent = 0;
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] || "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

function count() {
  const timed = asked && asked.delai ? asked : awaited && awaited.delai ? awaited : null;
  $("rebours").hidden = !timed;
  if (!timed) return;
  const left = timed.delai - (Date.now() - timed.begun) / 1000;
  $("rebours").textContent = left > 0 ? "encore " + duration(left) : "délai passé";
  $("rebours").classList.toggle("presse", left < 60 && timed === asked);
}

setInterval(count, 1000);
$("reponse").addEventListener("submit", (event) => event.preventDefault());
