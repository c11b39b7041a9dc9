"""The pages people open: `index.html` and the lists behind its figures under `pages/`. Offline, without a script.

`pipeline.publish.page` writes them all. Here `shell` holds what every page has in common (style, content security
policy, templates) and can be used for other pages; `hiding` says what is masked, `cases` masks the findings, `ties` and
`picture` tell of the links behind them; `lists`, `towns` (with `villages`), `pairs`, `gaps`, `about` fill the lists.
"""
