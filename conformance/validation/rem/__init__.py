"""The REM (référentiel d'exigences minimales): the official workbook that only the user has."""
