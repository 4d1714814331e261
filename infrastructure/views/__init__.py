"""What the HTTP API and the command line show of each thing.

Amounts are minor units of the `currency` beside them; prices, rates and quantities are decimals in text; an
instant is RFC 3339 in UTC; what there is nothing to say about is left out.
"""
