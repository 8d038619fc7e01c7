"""The desks of the reference DUI, one a domain of gestures."""

from .alimentation import GuichetAlimentation
from .connexion import GuichetConnexion
from .consultation import GuichetConsultation
from .dmp import GuichetDmp
from .documents import GuichetDocuments
from .fichiers import GuichetFichiers
from .guichet import Guichet
from .identite import GuichetIdentite
from .messagerie import GuichetMessagerie
from .orientation import GuichetOrientation
from .sidoba import GuichetSidoba

GUICHETS: tuple[type[Guichet], ...] = (
    GuichetIdentite,
    GuichetConnexion,
    GuichetDocuments,
    GuichetDmp,
    GuichetAlimentation,
    GuichetConsultation,
    GuichetMessagerie,
    GuichetOrientation,
    GuichetSidoba,
    GuichetFichiers,
)
