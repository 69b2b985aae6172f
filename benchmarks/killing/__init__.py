"""Processes that are killed while they work, and a count of what became of what they had promised.

`points` are the places in the product's code at which a process may kill itself; the product knows nothing of them.
`program` is a server or worker that does so, `supervisor` starts one after the other and also kills at random times,
`clients` are the people, who repeat what was not answered under the same idempotency key, `receiver` is the other
system that is called, `site` is all of them on a database of their own, and `counting` says at the end whether
everything is there, once.
"""
