"""Owners' connections to platforms: events in, audio back.

    a delivery ──► receiving      known sender? kept in one small transaction, then answered
                     │ the queue is told
                     ▼
                   processing     the connector decides; the job is accepted with the event's verdict
                     │ the job is spoken like any other
                     ▼
                   finished       written with the end of the job: the target's audio, and a push
                     │
                     ▼
                   pushing        the connector's flow over the guarded client, until it worked or never will

A paused or a broken connection keeps its events and pushes; they go on when it is live again.
"""
