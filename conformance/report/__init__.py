"""The report of a run: one page that needs nothing but a browser, and the same as JSON.

Its data are in `document`; `building` makes them from a run, `page` shows them, `writing` puts both in a folder.
"""
