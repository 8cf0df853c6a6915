"""The history of the tables, read by Alembic. A revision that was released is never edited; a change is a new one."""
