"""The kinds of mistakes that a wrong gradient can show by its numbers alone, one function of the partials each."""
