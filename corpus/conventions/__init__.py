"""What other tools know a folder of data by: a dataset card and a description in Croissant."""

MARK = "This description is made by taoxi with every run, and replaced by the next one."
"""What tells the card and the description from those that a person wrote, which stay as they are."""
