"""SAML 2.0 assertions of the DMP (VIHF): reading, signature, certificates. Pure: no clock, no disk, no network."""
