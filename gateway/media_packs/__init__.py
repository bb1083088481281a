"""Media packs: texts, pictures and videos of an exhibited entry, fitted to a channel and ready to post."""
