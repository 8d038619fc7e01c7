"""SIDOBA as nobody has published it: SetMinFHIR, data of nursing services (CDA) and RAMA, by a provisional contract."""
