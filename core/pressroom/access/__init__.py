"""Who asks and what they may do, and the tokens, API clients and users by which they are known.

`principals` is cheap to import; `Access`, which reads and writes the store, is `Host.access`.
"""

from pressroom.access.principals import ADMIN, EDIT, READ, ROLES, Grant, Principal

__all__ = ["ADMIN", "EDIT", "READ", "ROLES", "Grant", "Principal"]
