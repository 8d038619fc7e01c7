"""Two operators of MSSanté: SMTP submission, IMAP boxes, autoconfiguration, and the relay between boxes."""
