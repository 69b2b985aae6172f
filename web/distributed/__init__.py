"""Jobs spread over many machines by Celery, on RabbitMQ or Redis (docs/decisions/0013).

`broker` is the way to it, `dispatcher` gives it the numbers of jobs that are due, `worker` is Celery's worker that does
them. Nothing here decides what is to be done: that is in the table of jobs, and a broker that loses or repeats
everything changes nothing but how soon it is done. Needs the extra ``planflow[distributed]``.
"""
