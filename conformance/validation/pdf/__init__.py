"""PDF files as rules read them. Nothing of pikepdf or pypdfium2 is imported before a file is opened."""

from .a1 import surveyed
from .file import PdfError, PdfFile, has_pdf, is_pdf
from .findings import RULES, PdfA1Report
from .text import PdfText

__all__ = ["RULES", "PdfA1Report", "PdfError", "PdfFile", "PdfText", "has_pdf", "is_pdf", "surveyed"]
