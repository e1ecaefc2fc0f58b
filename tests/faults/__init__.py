"""Fault injection: each background step is interrupted at each of its points, and the product recovers or says so.

A *step* is what one task, command or request does: publish a page, apply the change feed, send the outbox, restore an
archive. A *point* is a moment at which its effects change: each statement that writes to the database, and each call
that leaves the process (stored files, the search index, the mail server, the readers of files). `injection.Injection`
counts them while the step runs, so a statement that is added later is interrupted without a change of these tests.

At each point a step fails in one of two ways:

- `Killed`: a BaseException, as if the process died: its transaction is rolled back, and nothing is written after it.
  Points are writes and calls only, because a death before a SELECT leaves what a death before the next write leaves.
- an error of the database or of the operating system, once. SELECTs and the opening of stored files are points too,
  since a handler may catch it.

A step with many points fails at some of them, evenly spread; `FAULTS=all pytest tests/faults` takes all.

Afterwards `recovery.recover` runs what runs regularly (`publish_scheduled`, the tasks of the index and of the outbox),
and nothing else. Then the product is *correct* (documents equal their pages, the index equals the documents, every
message is sent, nothing waits), or *somebody is informed*: `status` or `check_publication` exits with 1, or the
person who started the step got its error.

`test_kills.py` ends a few real processes with SIGKILL, which shows that `Killed` is a fair imitation.

To add a step: a function that prepares a change and returns the step, for `injection.interrupted`.
"""
