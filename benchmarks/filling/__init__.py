"""An installation that has been used for years, made in minutes.

`company` says who works there. `lives` lets the engine itself live some lives of one process, each in a database of its
own; `stencil` and `copies` make many instances of each, with other people, at other times and sealed anew, and
`filling` writes them, in transactions of whole instances, so that what is there when it is stopped is sound, and is
gone on with.
"""
