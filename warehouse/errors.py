"""The errors a person can do something about.

KatyError                 anything Katy refuses, told in one sentence: the thing, the place, the way out
├── BadInput              what was handed in cannot be used (a file, an option, a field, a value)
├── NothingPublished      no snapshot has been published yet
└── Busy                  another process holds what is needed and did not let go in time
"""

from __future__ import annotations


class KatyError(Exception):
    """Anything Katy refuses. The command line says it and exits with 1; the API answers it as a problem."""


class BadInput(KatyError):
    """What was handed in cannot be used."""


class NothingPublished(KatyError):
    """No snapshot has been published yet; `katy run` makes one."""


class Busy(KatyError):
    """Another process holds what is needed and did not let go in time."""
