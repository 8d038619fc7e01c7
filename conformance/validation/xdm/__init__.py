"""IHE_XDM archives: the tree, METADATA.XML as an XDS submission, the documents. Read in memory, under bounds; never extracted."""

from __future__ import annotations

from .archive import Archive, Member, XdmError, read_archive
from .media import Xdm, XdmFile, XdmLot

__all__ = ["Archive", "Member", "Xdm", "XdmError", "XdmFile", "XdmLot", "read_archive"]
