"""XDS metadata of DMP deposits: submission set, document entries, associations, and their agreement with the CDA header."""
