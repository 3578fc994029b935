"""Our book against the banks' statements: read line by line, compared by reference, for ever."""
