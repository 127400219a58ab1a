"""What every page shares: the base templates, design tokens, error pages, favicon and the landing page.

In: requests for `/`, and templates of other rooms that extend `web/base.html`. Out: HTML.
Touches no database table and no file store.
"""
