"""FHIR R4 resources judged against profiles: reading, structure, slicing, terminologies, invariants, references, bundles.

``engine.validate`` is the way in; ``packages.Packages`` says which definitions are known.
"""
