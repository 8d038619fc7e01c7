"use strict";
// What the parts of the page share: finding and making elements, sending to the harness.
export const $ = (id) => document.getElementById(id);

export function make(tag, text = "", attributes = {}) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

const SIGNS = { "conforme": "✔", "non conforme": "✘", "avertissement": "▲", "a examiner": "◐", "non concluant": "?",
  "non teste": "○", "sans objet": "–", "erreur du harnais": "⚠", "en cours": "▶", "à venir": "" };
const WORDS = { "a examiner": "à examiner", "non teste": "non testé" };

export function word(state) { return WORDS[state] || state; }

export function badge(state) {
  const slug = state.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/ /g, "-");
  const shown = make("span", word(state), { class: "v v-" + slug });
  if (SIGNS[state]) shown.prepend(make("span", SIGNS[state] + "\u00a0", { "aria-hidden": "true" }));
  return shown;
}

export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  if (minutes >= 60) return Math.floor(minutes / 60) + "\u00a0h\u00a0" + String(minutes % 60).padStart(2, "0") + "\u00a0min";
  return minutes ? minutes + "\u00a0min\u00a0" + String(whole % 60).padStart(2, "0") + "\u00a0s" : whole + "\u00a0s";
}

export function plural(count, one) { return count.toLocaleString("fr-FR") + "\u00a0" + one + (count > 1 ? "s" : ""); }

export async function send(address, body) {
  $("erreur").textContent = "";
  try {
    const reply = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (!reply.ok) $("erreur").textContent = await reply.text();
    return reply.ok;
  } catch {
    $("erreur").textContent = "Le banc ne répond pas : rien n'est parti. Votre réponse est encore à l'écran.";
    return false;
  }
}

export function order(action, scenario = "") { return send("/commande", { action, scenario }); }
