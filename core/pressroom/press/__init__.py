"""The press itself: compose, render, deliver, with the ledger in between."""
