"""What Invoicely knows about work and invoices: entities, use cases and ports, standard library only."""
