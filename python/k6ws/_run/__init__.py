"""Runs a script: VUs on the loop, exceptions counted, numbers gathered into a result.

Which file knows which: each knows those in rows below its own, and few beside it.

| floor | files | what it is |
| --- | --- | --- |
| entrance | ``api``, ``interrupts`` | ``k6ws.run`` and ``k6ws.arun``; Ctrl-C while a program waits there |
| run | ``runner`` | from options to result |
| parts | ``scenarios``, ``stages`` | what carries out the load; what a script does around it |
| | ``pause``, ``thresholds``, ``outputs``, ``wire_log``, ``collector`` | before the start; beside it |
| | ``outcome``, ``owner``, ``phase``, ``control``, ``calls`` | what others ask of a run, and are told |
| VUs | ``vus``, ``idlers`` | all of them |
| | ``stage``, ``worker``, ``coroutines``, ``iteration`` | one of them |
| watch | ``watch``, ``watchdog``, ``holds``, ``background`` | whether the script gives way |
| end | ``result``, ``summary``, ``export``, ``verdict``, ``plain_text`` | what was measured |
| ground | ``ends``, ``exceptions``, ``whose``, ``ticks``, ``shared_data``, ``exit_codes`` | leaves |
"""
