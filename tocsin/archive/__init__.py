"""The archive: segments of events on disk, and the rows in the database that make them exist.

``segments`` writes and reads files and knows no database; ``ids`` says which events were there
before; ``archive`` is the manifest and the questions asked over the files it names.
"""
