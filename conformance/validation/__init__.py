"""The content engines that the checks stand on: they parse and report Problems, and never judge."""
