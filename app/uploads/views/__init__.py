"""What the upload page talks to: `files` signs, confirms, cancels; `parts` is for large files; `progress` tells."""
