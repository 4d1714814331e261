"""Invoices on paper: their words in each language, their fonts, their layout."""
