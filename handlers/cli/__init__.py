"""The command line `invoicely`: the same use cases as the functions and the HTTP API, at a prompt.

    main ──loads──▶ account, clients, counters, demo, invoices, local, work     one module for each noun
                       └──▶ session: which environment, for which account, how to answer

Data goes to stdout, talk to stderr. How a command ended is its exit code: `failures` has them all.
"""
