"""The data map: which action on which resource touches whose data, and how much of it.

entries    what a data map says
reading    a TOML file into a data map, all errors at once
match      a data map over columns: touches
versions   versions of it in the database
"""
