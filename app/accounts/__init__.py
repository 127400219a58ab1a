"""Who may come in: users (e-mail as login), studios, memberships, and the studio of a request.

In: sign-in and sign-out requests; views of other rooms wrapped in `access.studio_required`.
Out: `request.user` and `request.studio`, or a redirect to the sign-in page.
Touches its three tables and the session.
"""
