"""Drivers: how a gesture happens in the DUI under test."""
