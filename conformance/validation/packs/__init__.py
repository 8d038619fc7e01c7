"""Packs: what only the user has (the official CDA test kit, other schematrons, references), added to a project folder.

A pack is pinned by the SHA-256 of its content and refused once changed. Official schemas are compiled by our own compiler
and run by Saxon in worker processes that write nothing; both verdicts are then shown side by side.
"""
