"""The two operators: what each listens to, accepts and refuses. A DUI must work with either (MSS-23)."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.service import ClientCertificate, Listener
from ...fixtures.boites import domaines

SUITES = ":".join(
    (
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-SHA384",
        "ECDHE-RSA-AES128-SHA256",
        "DHE-RSA-AES256-GCM-SHA384",
        "DHE-RSA-AES128-GCM-SHA256",
    )
)
"""The only six suites of the referential: C030, C02F, C028, C027, 009F, 009E."""


@dataclass(frozen=True, slots=True)
class Profil:
    """An operator.

    ``taille_max`` is the SIZE that it announces. ``ferme_apres_refus``: a refused authentication ends the connection.
    ``verifie_au_rcpt``: an unknown recipient is refused at RCPT TO, else the message is accepted and bounces.
    ``imaps``: a port of IMAP with TLS at once, besides STARTTLS. ``tls13``: TLS 1.3 is accepted too.
    """

    nom: str
    titre: str
    taille_max: int
    destinataires_max: int
    ferme_apres_refus: bool
    verifie_au_rcpt: bool
    imaps: bool
    tls13: bool
    sasl_ir: bool

    @property
    def domaines(self) -> tuple[str, ...]:
        """The domains that it hosts."""
        return domaines(self.nom)

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """``<nom>-smtp``, ``<nom>-imap``, ``<nom>-imaps`` if any, ``<nom>-autoconfig``, ``<nom>-dns``."""
        wanted = ["smtp", "imap", *(["imaps"] if self.imaps else [])]
        mail = (Listener(f"{self.nom}-{p}", ClientCertificate.OPTIONNEL, SUITES, self.tls13, p) for p in wanted)
        return (*mail, Listener(f"{self.nom}-autoconfig"), Listener(f"{self.nom}-dns", protocole="dns"))


PROFILS = {
    profil.nom: profil
    for profil in (
        Profil(
            "mss",
            "Opérateur MSSanté simulé A",
            taille_max=26_214_400,
            destinataires_max=100,
            ferme_apres_refus=True,
            verifie_au_rcpt=True,
            imaps=False,
            tls13=False,
            sasl_ir=True,
        ),
        Profil(
            "mss-b",
            "Opérateur MSSanté simulé B",
            taille_max=104_857_600,
            destinataires_max=20,
            ferme_apres_refus=False,
            verifie_au_rcpt=False,
            imaps=True,
            tls13=True,
            sasl_ir=False,
        ),
    )
}
