"""Views: `galleries` (dashboard, photos), `links` (share links)."""
