"""What the screens share: the list screen, the view filter, questions, undo, empty states."""
