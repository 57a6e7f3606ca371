"""One engine for ``scan`` and ``run``: from what sources hold to findings and incidents.

    choosing     which rules are asked, by the configuration
    reading      a handful of objects → segment files, in whatever process
    workers      handfuls to processes, and what happens when one dies
    windows      spans of event time that fit into memory
    following    the events of a window in their order → findings, incidents
    spool        findings on disk, each in its latest form
    result       what a scan brings
    scanning     all of it over a temporary folder

Memory does not grow with the number of events: workers hold one handful, FOLLOW one window, and
what is handed from one to the other lies on disk.
"""
