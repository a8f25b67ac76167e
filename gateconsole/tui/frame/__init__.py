"""What surrounds every screen: header, tabs, banners, filter bar, footer, dialogs, help."""
