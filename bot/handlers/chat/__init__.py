"""What the public API and the public pages share: conversations, shapes, guards, the feed."""
