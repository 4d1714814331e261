"""The command line `invoicely`: the same use cases as the functions and the HTTP API, at a prompt.

    main ──loads──▶ account, clients, counters, demo, failures, invoices, local, work     one for each noun
                       └──▶ session: which environment, for which account or for all, how to answer

Data goes to stdout, talk to stderr. How a command ended is its exit code: `exits` has them all.
"""
