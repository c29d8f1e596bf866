"""The admin pages: who may enter, and what nobody else can do."""
