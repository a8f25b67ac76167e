"""The screens, one a tab."""
