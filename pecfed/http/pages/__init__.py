"""Pages for people, one file each; they are strangers to each other, `routes.py` knows them all."""
