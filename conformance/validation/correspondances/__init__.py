"""Files that a DUI gives (traces, dashboards), read through a column mapping: CSV, lines of JSON, XLSX, ODS.

A *modèle* (``modeles/*.toml``) says what a kind of file must hold. The harness proposes which column is which from the
titles; the tester confirms it in ``correspondances.toml``. See :func:`.lecture.read_table`.
"""
