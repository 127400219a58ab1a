"""Views: `studio` (pages of members), `uploads` (their JSON), `client` (pages behind a share link)."""
