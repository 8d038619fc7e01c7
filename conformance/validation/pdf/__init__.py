"""PDF files as rules read them. Nothing of pikepdf or pypdfium2 is imported before a file is opened."""

from . import a1  # noqa: F401 - registers the way from a PDF to its survey
from .file import PdfError, PdfFile, has_pdf, is_pdf
from .findings import RULES, PdfA1Report
from .text import PdfText

__all__ = ["RULES", "PdfA1Report", "PdfError", "PdfFile", "PdfText", "has_pdf", "is_pdf"]
