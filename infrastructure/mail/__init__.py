"""Mails as clients get them: plain text and HTML, in their language, with what is attached."""
