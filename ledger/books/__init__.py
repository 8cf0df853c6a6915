"""The core of the books: accounts, transfers, holds, the chain, and the unit of work around all of them."""
