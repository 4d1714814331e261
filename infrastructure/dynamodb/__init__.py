"""The single table: what is stored where, and the adapters of the domain's ports over it.

    item                  PK                     SK
    account               ACCOUNT#a              PROFILE
    client                ACCOUNT#a              CLIENT#c
    counter of a client   ACCOUNT#a              COUNTER#c
    work entry            ACCOUNT#a#CLIENT#c     WORK#w
    invoice               ACCOUNT#a#CLIENT#c     INVOICE#<period>
    delivery              ACCOUNT#a#CLIENT#c     INVOICE#<period>#DELIVERY
    payment               ACCOUNT#a#CLIENT#c     INVOICE#<period>#PAYMENT#p
    reminder              ACCOUNT#a#CLIENT#c     INVOICE#<period>#REMINDER#01
    credit note           ACCOUNT#a#CLIENT#c     INVOICE#<period>#CREDIT#n
    delivery of one       ACCOUNT#a#CLIENT#c     INVOICE#<period>#CREDIT#n#DELIVERY
    released line         ACCOUNT#a#CLIENT#c     INVOICE#<period>#LINE#w
    held invoice          ACCOUNT#a#HELD         <invoice>
    prepayment            ACCOUNT#a#CLIENT#c     PREPAYMENT#p
    import                ACCOUNT#a              IMPORT#i
    rows of an import     ACCOUNT#a#IMPORT#i     ROWS#0001
    number series         ACCOUNT#a#SERIES#s     SEQUENCE
    number                ACCOUNT#a#SERIES#s     NUMBER#0000000042
    counted contribution  ACCOUNT#a#COUNTED#<2>  <entity id>
    failure               FAILURE#<queue>#<2>    <event id>
    pace of retries       FAILURE#<queue>        PACE
    replay job            REPLAY#<job>           JOB
    part of a job         REPLAY#<job>           PART#0001
    personal API token    TOKEN#<token>          TOKEN
    keyed request         ACCOUNT#a#REQUEST      <digest of its key>
    used of a minute      ACCOUNT#a#RATE         <minute>

    item           index    partition           sort key
    account        GSI1     ACCOUNTS#<shard>    a
    client         GSI1     DUE#<shard>         <due instant>#a#c while one is due at all
    work entry     GSI1     ACCOUNT#a#WORK      <date>#w
    invoice        GSI1     ACCOUNT#a#INVOICES  <date>#<invoice>
    credit note    GSI1     ACCOUNT#a#CREDITS   <date>#<credit note>
    number series  GSI1     ACCOUNT#a#SERIES    s
    failure        GSI1     RETRY#<queue>       <next try>#<event id>; PARKED#…, CLOSED#… by that day
    API token      GSI1     ACCOUNT#a#TOKENS    <expiry>#<token> until it is revoked
    replay job     GSI1     REPLAYS             <last turn>#<job> while an account waits for it
    invoice        GSI2     REMIND#<shard>      <next reminder>#a#<invoice> while one is due at all
    invoice        GSI2     REVIEWS             <end of its review>#a#<invoice> while it is in review
    held invoice   GSI2     HELD                <next look>#a#<invoice>
    failure        GSI2     ACCOUNT#a#FAILURES  OPEN#<last failure>#<failure>, once closed CLOSED#…
    work entry     Billing  ACCOUNT#a#CLIENT#c  UNBILLED#<date>#w, once claimed INVOICE#<period>#<date>#w
    released line  Billing  ACCOUNT#a#CLIENT#c  INVOICE#<period>#<date>#w

`period` is the day that closes it. Entities (the published types) carry type, version, updated_at and
correlation_id, and are never deleted; what is derived from them (counters, contributions, numbers, released
lines) is never published, and neither are failures, replay jobs, API tokens, keyed requests, rates and rows
of imports.
"""
