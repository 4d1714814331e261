"""The local cloud: ministack on 127.0.0.1 with both stacks deployed, the functions and all.

    from infrastructure.local_cloud import control, logs, users

    cloud = control.up(progress=…)          start and deploy, or bring up to date what runs
    control.up(folder, tie_to_parent=True)  one of its own, gone with this process whatever happens
    control.keep(folder)                    … unless it shall stay after all
    control.connect()                       the one that runs
    control.status()                        up, down or broken, and why
    control.update()                        the functions run the code as it is now
    control.down()                          stop it; harmless when there is none
    cloud.environment()                     the variables with which the SDK and our settings mean it
    users.sign_up(cloud, email, password)   a user, as a front end makes one …
    users.sign_in(cloud, email, password)   … and gets tokens for the HTTP API
    logs.read(cloud, "keep-counters")       what the functions logged

    control ─▶ launch ─▶ server, mailbox          processes, each on a leash
       └─────▶ deploy ─▶ adapting, mending, package, stacks

Nothing here is deployed, and nothing of it leaves 127.0.0.1.
"""
