"""The command line `invoicely`: the same use cases as the functions and the HTTP API, at a prompt.

    main ──loads──▶ account, audit, clients, counters, demo, events, failures …    one module for each noun
                       ├──▶ session: which environment, for which account, how to answer
                       └──▶ operating: the same for all accounts

Data goes to stdout, talk to stderr. How a command ended is its exit code: `exits` has them all.
"""
