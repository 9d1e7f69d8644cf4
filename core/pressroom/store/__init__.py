"""The database: engine, sessions, project-bound repositories, migrations."""
