"""How the state of one version becomes that of the next.

To add one: a module in ``versions`` whose ``down_revision`` is the newest before it, ``HEAD`` in
``tocsin.store.store`` set to its ``revision``, the tables changed to agree.
"""
