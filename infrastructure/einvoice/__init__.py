"""Invoices for programs: EN 16931 in its two languages, and inside the PDF as Factur-X."""
