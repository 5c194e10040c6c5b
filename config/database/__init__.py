"""Where Django looks for the kind of database that `config.settings.data` names."""
