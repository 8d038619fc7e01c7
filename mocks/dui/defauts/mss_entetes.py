"""Defects of the headers of mails: subject, sender, identifiers, X-MSS, MIME form."""

from __future__ import annotations

import re
from email.message import EmailMessage
from functools import partial
from typing import Any

from ..alterations import Alteration, Couture
from . import registre
from .mss_courriels import entete, octets, pieces, remplacer
from .registre import AVERTISSEMENT, NON_CONFORME

defaut = partial(registre.defaut, theme="courriels")


def _courriel(nom: str, description: str, check: str, alteration: Alteration, *exigences: str, effet: str = NON_CONFORME) -> None:
    defaut(
        f"mss-{nom}",
        description,
        (Couture.COURRIEL, alteration),
        check=f"mss.{check}",
        exigences=exigences or ("MSS-14",),
        effet=effet,
    )


_courriel(
    "objet-sans-prefixe",
    "écrit l'objet sans le préfixe XDM",
    "objet.prefix",
    entete("Subject", lambda o: o.partition("+")[2]),
    "MSS-12",
)
_courriel(
    "objet-autre-libelle",
    "nomme le document par son titre local dans l'objet",
    "objet.label",
    entete("Subject", lambda o: re.sub(r"\+\S+", "+Doc.", o, count=1)),
    "MSS-12",
)
_courriel(
    "objet-nom-en-minuscules",
    "écrit le nom en minuscules dans l'objet",
    "objet.name",
    entete("Subject", lambda o: re.sub(r"(\S+) (\S+ \S+)$", lambda m: f"{m[1].title()} {m[2]}", o)),
    "MSS-12",
)
_courriel(
    "objet-sans-usager",
    "remplace le nom de l'usager par ses initiales dans l'objet",
    "objet.name",
    entete("Subject", lambda o: re.sub(r" \S+ \S+( \S+)$", r" F. U.\1", o)),
    "MSS-12",
)
_courriel(
    "objet-naissance-americaine",
    "écrit la date de naissance mois d'abord dans l'objet",
    "objet.birth-date",
    entete("Subject", lambda o: re.sub(r"(\d\d)/(\d\d)/(\d{4})$", r"\3-\2-\1", o)),
    "MSS-12",
)

_courriel("nil-absent", "n'écrit pas le numéro de référencement du produit", "entete.nil", entete("X-MSS-NIL", None), "MSS-13")
_courriel(
    "nil-d-un-autre",
    "écrit le numéro d'un autre produit",
    "entete.nil-declared",
    entete("X-MSS-NIL", "AUTRE-PRODUIT-9"),
    "MSS-13",
)
_courriel("codecda-absent", "ne donne pas les codes des documents", "entete.codecda", entete("X-MSS-CODECDA", None), "MSS-13")
_courriel("ins-annoncee-absente", "annonce que les documents n'ont pas d'INS", "entete.ins", entete("X-MSS-INS", "N"), "MSS-13")
_courriel("fin-a-un-confrere", "clôt l'échange avec un professionnel", "entete.mes", entete("X-MSS-MES", "FIN"), "MSS-13")
_courriel(
    "fin-dans-l-objet",
    "clôt l'échange par l'objet plutôt que par l'en-tête",
    "entete.mes-in-subject",
    entete("Subject", lambda o: f"{o} [FIN]"),
    "MSS-13",
    effet=AVERTISSEMENT,
)
_courriel(
    "entete-invente",
    "ajoute un en-tête X-MSS de son invention",
    "entete.x-known",
    entete("X-MSS-URGENCE", "O"),
    "MSS-13",
    effet=AVERTISSEMENT,
)

_courriel("message-id-absent", "envoie sans Message-ID", "entete.message-id", entete("Message-ID", None))
_courriel(
    "message-id-du-poste",
    "forme le Message-ID sur le nom du poste",
    "entete.message-id-domain",
    entete("Message-ID", lambda m: f"{m.partition('@')[0]}@poste-12.local>"),
)
_courriel(
    "message-id-repete",
    "donne à tous les messages le même identifiant",
    "entete.message-id-unique",
    entete("Message-ID", lambda m: f"<1@{m.partition('@')[2]}"),
)
_courriel(
    "reference-sans-chevrons", "écrit In-Reply-To sans chevrons", "entete.threading", entete("In-Reply-To", "message-precedent")
)
_courriel("reponse-a-personne", "ajoute un Reply-To sans adresse", "entete.reply-to", entete("Reply-To", "Secretariat"))
_courriel("date-sans-heure", "écrit la date sans son heure", "entete.date", entete("Date", lambda d: d[:16]))
_courriel(
    "deux-expediteurs",
    "écrit deux expéditeurs",
    "entete.from",
    remplacer(b"\r\nTo:", b",\r\n autre@tilleuls.formation.mssante.fr\r\nTo:"),
)
_courriel(
    "destinataire-sans-domaine",
    "écrit le destinataire sans son domaine",
    "entete.to",
    octets(lambda d: re.sub(rb"\r\nTo: [^\r]*", b"\r\nTo: medecin-traitant", d, count=1)),
)
_courriel(
    "libelle-absent",
    "envoie sans libellé d'expéditeur",
    "entete.from-label",
    entete("From", lambda f: f.rpartition("<")[2].rstrip(">")),
)
_courriel(
    "libelle-sans-entite",
    "n'écrit que le nom dans le libellé d'une boîte nominative",
    "entete.from-label-form",
    entete("From", lambda f: re.sub(r"^\"?[^_]*_([^_]+)_([^_]+)_[^<]*", r"\1 \2 ", f)),
    effet=AVERTISSEMENT,
)
_courriel(
    "accuse-au-secretariat",
    "demande l'accusé de lecture à une autre adresse",
    "entete.read-receipt-address",
    entete("Disposition-Notification-To", "secretariat@tilleuls.formation.mssante.fr"),
    "MSS-15",
    effet=AVERTISSEMENT,
)

_courriel(
    "objet-repete",
    "écrit l'objet deux fois",
    "mime.single-headers",
    octets(lambda d: re.sub(rb"(\r\nSubject: )", rb"\r\nSubject: Document\1", d, count=1)),
)
_courriel(
    "entete-en-8-bits",
    "écrit un en-tête accentué sans l'encoder",
    "mime.header-encoding",
    remplacer(b"\r\nX-MSS-NIL:", "\r\nComments: Résultat\r\nX-MSS-NIL:".encode()),
)
_courriel(
    "entete-injecte",
    "laisse un retour chariot saisi dans un en-tête",
    "mime.header-lines",
    remplacer(b"\r\nX-MSS-NIL:", b"\r\nComments: a\rb\r\nX-MSS-NIL:"),
)
_courriel(
    "sans-mime-version",
    "n'écrit pas MIME-Version",
    "mime.version",
    octets(lambda d: re.sub(rb"\r\nMIME-Version: 1\.0", b"", d, count=1)),
)
_courriel(
    "multipart-related",
    "range les pièces jointes dans un multipart/related",
    "mime.content-type",
    remplacer(b"multipart/mixed", b"multipart/related"),
)
_courriel(
    "frontiere-perdue",
    "coupe le message avant sa dernière frontière",
    "mime.boundaries",
    octets(lambda d: d.rstrip()[: d.rstrip().rindex(b"\r\n")] + b"\r\n"),
)
_courriel(
    "base64-abime",
    "glisse un caractère étranger dans le base64",
    "mime.encodings",
    octets(lambda d: d[: d.index(b"JVBER")] + d[d.index(b"JVBER") :].replace(b"\r\n", b"!\r\n", 1)),
)


def _corps(texte: str, jeu: str) -> Alteration:
    """Another body."""

    def ecrire(parties: list[EmailMessage]) -> list[EmailMessage]:
        parties[0].set_content(texte, charset=jeu, cte="8bit")
        return parties

    return pieces(ecrire)


_courriel("corps-latin-1", "écrit le corps en ISO-8859-1", "mime.utf-8", _corps("Voici le résultat demandé.\n", "iso-8859-1"))
_courriel("corps-vide", "envoie un message sans texte", "mime.body", _corps("\n", "utf-8"))
_courriel(
    "nom-de-fichier-brut",
    "écrit un nom de fichier accentué sans l'encoder",
    "mime.file-names",
    octets(lambda d: re.sub(rb'filename="?([^"\r\n;]*)\.pdf"?', 'filename="Résultat.pdf"'.encode(), d, count=1)),
)


def _emboiter(data: bytes) -> bytes:
    """The mail in twenty multiparts, one in the other."""
    tete, _, corps = data.partition(b"\r\n\r\n")
    entetes = re.split(rb"\r\n(?![ \t])", tete)
    type_ = next(ligne for ligne in entetes if ligne.lower().startswith(b"content-type:"))
    autres = b"\r\n".join(ligne for ligne in entetes if ligne is not type_)
    dedans = type_ + b"\r\n\r\n" + corps
    for rang in range(20):
        marque = b"niveau-%d" % rang
        dedans = (
            b'Content-Type: multipart/mixed; boundary="'
            + marque
            + b'"\r\n\r\n--'
            + marque
            + b"\r\n"
            + dedans
            + b"\r\n--"
            + marque
            + b"--\r\n"
        )
    return autres + b"\r\n" + dedans


_courriel("parties-emboitees", "emboîte le message dans vingt multiparts", "mime.readable", octets(_emboiter))
_courriel(
    "expediteur-d-une-autre-boite",
    "écrit dans From une autre boîte que celle qui envoie",
    "envoi.sender",
    octets(lambda d: re.sub(rb"(\r\n(?:From: [^<]*<|Disposition-Notification-To: ))[^@\r]*@", rb"\1accueil@", b"\r\n" + d)[2:]),
)
_courriel(
    "destinataire-en-trop",
    "écrit dans Cc un destinataire à qui il n'envoie pas",
    "envoi.recipients",
    entete("Cc", "pharmacie@pro.formation.mssante.fr"),
)
_courriel(
    "bcc-visible",
    "laisse le Bcc dans le message",
    "envoi.no-bcc",
    entete("Bcc", lambda b: "archives@tilleuls.formation.mssante.fr"),
)
defaut(
    "mss-sans-accuse-demande",
    "ne demande pas d'accusé de lecture",
    check="mss.entete.read-receipt",
    exigences=("MSS-15",),
    regles={"mss": {"demande_la_lecture": False}},
)
defaut(
    "mss-sans-avis-de-remise",
    "ne demande pas d'avis de remise",
    check="mss.envoi.dsn",
    exigences=("MSS-15",),
    regles={"mss": {"demande_la_remise": False}},
)
defaut(
    "mss-ins-non-qualifiee",
    "écrit dans un en-tête le matricule d'une identité qui n'est pas qualifiée",
    check="mss.usager.ins-hidden",
    exigences=("MSS-10",),
    regles={"mss": {"tait_l_ins_non_qualifiee": False}},
)


def _sans_retour(enveloppe: Any) -> None:
    enveloppe.options[:] = [option for option in enveloppe.options if not option.startswith("RET=")]


defaut(
    "mss-avis-sans-retour",
    "ne dit pas ce que l'avis de remise doit rendre",
    (Couture.MSS_ENVELOPPE, _sans_retour),
    check="mss.envoi.dsn-return",
    exigences=("MSS-15",),
    effet=AVERTISSEMENT,
)


def _alourdir(message: EmailMessage) -> None:
    """Twenty-six million characters of text, to citizens alone."""
    if "@patient." in str(message["To"]):
        texte = next(p for p in message.iter_parts() if p.get_content_type() == "text/plain")
        texte.set_payload(("x" * 76 + "\r\n") * 330_000)
        texte.replace_header("Content-Transfer-Encoding", "7bit")


defaut(
    "mss-usager-trop-lourd",
    "envoie à l'usager un message de plus de 25 Mo",
    (Couture.COURRIEL, _alourdir),
    check="mss.usager.size",
    exigences=("MSS-10",),
    regles={"mss": {"respecte_la_taille": False}},
)
