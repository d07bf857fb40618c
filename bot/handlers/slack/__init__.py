"""Slack, for officials only: what goes out and what comes in.

`client` asks Slack, `verdicts` reads its answers, `render` lays replies out, `channel` is the road
that the worker sends on. Citizens are never here, and everything works without it (design §10).
"""
