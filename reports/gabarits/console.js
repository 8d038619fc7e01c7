"use strict";
// The page of the console: follows what the harness says, hands it to the parts of the page. Nothing here decides anything.
import { current, showDemand, title } from "./console_demande.js";
import { playing, reload, replayable, showExchanges, showScenarios } from "./console_listes.js";
import { $, make, order, plural, word } from "./console_page.js";

const ORDER = ["erreur du harnais", "non conforme", "non concluant", "a examiner", "avertissement", "non teste", "conforme", "sans objet"];
let version = 0;
let closed = false;

function apply(page) {
  version = page.version;
  closed = page.fermee;
  $("produit").textContent = "– " + page.produit;
  showScenarios(page.scenarios);
  showDemand(page);
  showExchanges(page);
  showProgress(page.bilan);
  showState(page);
}

function showProgress(counts) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const left = (counts["à venir"] || 0) + (counts["en cours"] || 0);
  $("avancement").hidden = !total;
  $("barre").max = Math.max(total, 1);
  $("barre").value = total - left;
  $("joues").textContent = plural(total - left, "scénario") + (total - left > 1 ? " joués" : " joué") + " sur " + total;
  const told = ORDER.filter((state) => counts[state]).map((state) => counts[state] + "\u00a0" + word(state));
  $("bilan").textContent = told.length ? "– " + told.join(", ") : "";
}

function showState(page) {
  const campaign = page.mode === "campagne";
  const going = campaign && !page.finie && !page.tenue;
  const played = playing();
  change("titre-demande", title(page));
  document.title = (current() ? "● " : "") + title(page) + " – dui-conformance";
  change("scenario", played && going ? "Scénario " + (played.rang + 1) + " : " + played.titre : idle(page));
  change("pause", page.en_pause ? "Reprendre" : "Mettre en pause");
  $("pause").dataset.action = page.en_pause ? "reprendre" : "pause";
  $("pause").hidden = !going;
  $("passer").hidden = !going || !played;
  $("fin").hidden = !page.rapport || Boolean(current());
  $("conclusion").hidden = !page.tenue;
  $("plan").hidden = !campaign;
  $("acces").hidden = campaign;
  change("suite-pv", page.pv);
  replayable(campaign && !page.finie);
  if (page.services.length !== $("services").children.length / 2) {
    $("services").replaceChildren(...page.services.flatMap(([name, url]) => [make("dt", name), make("dd", url)]));
  }
  const shown = [...$("messages").children].map((line) => line.textContent).join("\n");
  if (shown !== page.messages.join("\n")) $("messages").replaceChildren(...page.messages.map((text) => make("li", text)));
  $("journal-banc").hidden = !page.messages.length;
}

function idle(page) {
  if (page.fermee) return "Vous pouvez fermer cet onglet. La campagne et ses preuves sont dans son dossier.";
  if (page.rapport) return "Le rapport, le projet de PV et les preuves scellées sont écrits.";
  if (page.tenue) return "Rejouez ceux que vous voulez reprendre, puis concluez : le rapport et les preuves seront écrits.";
  if (page.mode === "exploration") return "Ctrl-C dans le terminal arrête les services et écrit le rapport.";
  return page.en_pause ? "Le scénario suivant attend que vous repreniez." : "";
}

function change(id, text) { if ($(id).textContent !== text) $(id).textContent = text; }

async function follow() {
  for (;;) {
    try {
      const reply = await fetch("/etat");
      if (reply.status === 403) { $("liaison").textContent = await reply.text(); return; }
      await reload();
      apply(await reply.json());
      $("liaison").textContent = "";
      await listen();
    } catch {
      $("liaison").textContent = "Le banc est arrêté. La page reprendra seule quand il sera relancé (run --reprendre --console).";
    }
    if (closed) { $("liaison").textContent = ""; return; }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function listen() {
  return new Promise((resolve) => {
    const source = new EventSource("/flux?depuis=" + version);
    source.onmessage = (message) => apply(JSON.parse(message.data));
    source.onerror = () => { source.close(); resolve(); };
  });
}

$("pause").addEventListener("click", () => order($("pause").dataset.action || "pause"));
$("passer").addEventListener("click", () => order("passer"));
$("conclure").addEventListener("click", () => order("conclure"));
$("pv").addEventListener("click", () => order("pv"));
$("terminer").addEventListener("click", async () => { closed = (await order("terminer")) || closed; });
follow();
