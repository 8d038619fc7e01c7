"""The two codes that paper bears, drawn as vector images."""

from __future__ import annotations

import zxingcpp


def datamatrix(contenu: str) -> str:
    """A square ECC200 data matrix with its quiet zone, as SVG."""
    code = zxingcpp.create_barcode(contenu, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    return code.to_svg(add_quiet_zones=True)


def qr(contenu: str) -> str:
    """A QR code with its quiet zone, as SVG."""
    return zxingcpp.create_barcode(contenu, zxingcpp.BarcodeFormat.QRCode).to_svg(add_quiet_zones=True)
