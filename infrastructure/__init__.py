"""Adapters: the table, queues, documents and mail behind the ports of the domain."""
