"""Views: `galleries` (dashboard, photos, settings), `arranging` (order, sections), `links`, `members`."""
