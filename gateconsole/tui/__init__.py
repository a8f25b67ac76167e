"""The screen: Snapshot -> terminal, keys -> acts; computes nothing."""
