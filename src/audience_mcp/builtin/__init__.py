"""The tools this server answers itself: workspaces, the session, stored results, argument grammars."""
