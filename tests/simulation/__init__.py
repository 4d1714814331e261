"""The whole pipeline in one thread, under faults: one seed decides on all that happens, and on its order.

    users ─▶ real use cases ─▶ fakes over one store ─▶ virtual stream ─▶ publish_changes ─▶ virtual topic
                    ▲                                                                            │
    ticks ─▶ open_invoices      keep_counters · issue_invoices · deliver_invoices ◀── virtual queues
             remind_clients     record_mail_events ◀── what becomes of mails ◀── deliver_invoices
                                                       └── dead letters ──▶ an operator, weeks later

The use cases and the handlers are the real ones; so are the publisher's adapters. Below them stand the
fakes of `tests/fakes`, which pass the same contract suites as the real adapters. Every call of a port is a
step: the function that makes it waits there for a moment of virtual time, so that any other function may come
first, and there it may crash, be throttled, lose its answer or lose a race. After every commit the promises
are checked.

    scheduler    virtual time: one heap of what is to happen, functions as greenlets
    chance       the seed: which faults there are in this run, how often, and what else is left to chance
    cloud        what AWS does between the functions: `stream`, `queues`, `services` (the topic, and SES,
                 which tells what became of mails), and how Lambda invokes
    people       who logs work and when; the accounts and clients (`parties`), who looks at invoices, records
                 payments and corrects (`clerks`), who replays what failed (`operators`)
    watch        the promises that hold at every step; of money (`books`), counters (`tallies`), mails
                 (`mailed`), what events lead to (`applied`), and what all of it costs (`spent`)
    ending       the promises that hold when all is quiet
    running      one seed from its beginning to its end

On a shared virtual machine (AMD EPYC, Python 3.11) the quickest tenth of chunks of twenty seeds
took 9.5 to 11 ms of CPU a seed, the median 13 to 16 ms: 60 to 100 seeds a second and core. `make simulate`
tells the rate where it runs. What keeps it there: users do little, and much of it at once; what is pure is
remembered; a run leaves no garbage; timers tick only when something is due.

Who does something about an invoice does it because they see it: the watch tells the clerks of each one that
is issued, held, in review, printed or not known as mailed. So most of it happens while that is still on its
way, where it can go wrong. Looking for what is not there takes no step (`ledger`).

To look into a failing seed, run the command that it prints: with `--trace` each step stands on a line. To add
a function, give `cloud` its queue (they come from the template) or its timer. To add a fault, name it in
`chance.Fault`, and strike it where it happens: `test_simulation` demands that each has happened often enough.
"""
