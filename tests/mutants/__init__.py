"""The mutation gate: what happens to the suite when a guard is taken out of the code.

    domain/counters.py ◀── domain/counters.toml    its guards: what each becomes, and which tests notice
            │                        │
            └──── guards.py ─────────┤             every guard that the code has must stand in a list
                                     ▼
                  __main__.py      in a copy of the tree, one guard gone: the tests named for it must fail

A list holds one file's mutants; it stands here under the same path as the file stands in the tree:

    file = "domain/counters.py"
    tests = ["tests/unit/domain/test_keep_counters.py"]     which run, unless a mutant names others

    [[mutant]]
    name = "An older version is counted"                    what would go wrong
    code = "change.now.version > change.stored.version"     stands in the file exactly once
    becomes = "True"
    each = true                                             or several times: then each place is one mutant

    [[exempt]]
    code = "…"                                              a guard that nothing can be without,
    because = "…"                                           and why no test can fail for it
"""
