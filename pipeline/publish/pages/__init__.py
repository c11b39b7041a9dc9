"""The pages people open: `index.html` and the lists behind its figures under `pages/`. Offline, without a script.

`write` writes them all; `shell` holds what every page has in common (style, content security policy, templates) and can
be used for other pages; `cases` masks the findings; `lists`, `towns`, `pairs`, `gaps`, `about` fill the lists.
"""
